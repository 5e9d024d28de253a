/* SPDX-License-Identifier: MIT */
/*
 * codes_lte_standard_a.c - the result codes of the LTE Standard(A) series
 *
 * Source: LTE Standard(A) DFOTA guide 1.4, chapter 6.  The FTP reply numbers
 * in brackets are our reading of the descriptions.
 */
#include "lib/module/codes.h"

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

/* 6.4 */
static const struct dfota_code err[] = {
    {0, 0, "the upgrade succeeded", "升级成功"},
    {504, 504, "the upgrade failed", "升级失败"},
    {505, 505, "the package failed its check", "升级包校验未通过"},
    {506, 506, "the MD5 of the firmware does not agree", "固件的 MD5 不一致"},
    {507, 507, "the package is for another version", "升级包的版本不符"},
    {552, 552, "the package is for another project", "升级包的项目名不符"},
    {553, 553, "the package is for another baseline", "升级包的基线名不符"},
};

/* 6.1 */
static const struct dfota_code ftp[] = {
    {0, 0, "the FTP download succeeded", "FTP 下载完成"},
    {601, 601, "unknown FTP error", "未知的 FTP 错误"},
    {602, 602, "the FTP service is blocked", "FTP 服务被阻塞"},
    {603, 603, "the FTP service is busy", "FTP 服务正忙"},
    {604, 604, "the host name could not be resolved", "域名解析失败"},
    {605, 605, "network error", "网络出错"},
    {606, 606, "the control connection was closed", "控制连接已断开"},
    {607, 607, "the data connection was closed", "数据连接已断开"},
    {608, 608, "the peer closed the connection", "对端关闭了连接"},
    {609, 609, "timeout", "超时"},
    {610, 610, "invalid parameter", "参数无效"},
    {611, 611, "the file could not be opened", "无法打开文件"},
    {612, 612, "wrong file path", "文件路径有误"},
    {613, 613, "file error", "文件出错"},
    {614, 614, "service unavailable, closing the control connection (421)",
     "服务不可用，控制连接将关闭 (421)"},
    {615, 615, "the data connection could not be opened (425)",
     "无法建立数据连接 (425)"},
    {616, 616, "connection closed, transfer aborted (426)",
     "连接断开，传输中断 (426)"},
    {617, 617, "the file action was not taken (450)", "文件操作未进行 (450)"},
    {618, 618, "aborted by a local error (451)", "本地出错，操作中止 (451)"},
    {619, 619, "not enough storage (452)", "存储空间不够 (452)"},
    {620, 620, "command not recognised (500)", "命令无法识别 (500)"},
    {621, 621, "syntax error in a parameter (501)", "参数语法有误 (501)"},
    {622, 622, "command not implemented (502)", "命令未实现 (502)"},
    {623, 623, "commands in the wrong order (503)", "命令次序有误 (503)"},
    {624, 624, "parameter not implemented (504)", "命令参数未实现 (504)"},
    {625, 625, "login failed (530)", "登录失败 (530)"},
    {626, 626, "storing files needs an account (532)",
     "保存文件须有账号 (532)"},
    {627, 627, "the requested action was not taken (550)",
     "所请求的操作未进行 (550)"},
    {628, 628, "aborted, unknown page type (551)", "页面类型未知，中止 (551)"},
    {629, 629, "the file action was aborted (552)", "文件操作被中止 (552)"},
};

/* 6.2 */
static const struct dfota_code http[] = {
    {0, 0, "the HTTP(S) download succeeded", "HTTP(S) 下载完成"},
    {701, 701, "unknown HTTP(S) error", "未知的 HTTP(S) 错误"},
    {702, 702, "HTTP(S) timeout", "HTTP(S) 操作超时"},
    {703, 703, "HTTP(S) is busy", "HTTP(S) 正忙"},
    {704, 704, "the UART is busy", "串口正忙"},
    {705, 705, "no request was got or sent", "没有请求可收发"},
    {706, 706, "the network is busy", "网络正忙"},
    {707, 707, "the network could not be opened", "网络无法打开"},
    {708, 708, "the network is not configured", "网络尚未配置"},
    {709, 709, "the network was deactivated", "网络已去激活"},
    {710, 710, "network error", "网络出错"},
    {711, 711, "wrong URL", "URL 有误"},
    {712, 712, "empty URL", "URL 为空"},
    {713, 713, "wrong IP address", "IP 地址有误"},
    {714, 714, "DNS error", "域名解析出错"},
    {715, 715, "the socket could not be created", "无法创建 Socket"},
    {716, 716, "the socket could not connect", "Socket 连接出错"},
    {717, 717, "error reading the socket", "读取 Socket 出错"},
    {718, 718, "error writing the socket", "写入 Socket 出错"},
    {719, 719, "the socket was closed", "Socket 已关闭"},
    {720, 720, "the data could not be encoded", "数据编码出错"},
    {721, 721, "the data could not be decoded", "数据解码出错"},
    {722, 722, "timeout while reading", "读超时"},
    {723, 723, "no proper response", "响应出错"},
    {724, 724, "busy with an incoming call", "有来电，忙"},
    {725, 725, "busy with a voice call", "正在通话，忙"},
    {726, 726, "timeout of the input", "等待输入超时"},
    {727, 727, "timeout waiting for data", "等数据超时"},
    {728, 728, "timeout waiting for the response", "等响应超时"},
    {729, 729, "out of memory", "内存不足"},
    {730, 730, "invalid parameter", "参数无效"},
};

/* 6.3 */
static const struct dfota_code file[] = {
    {0, 0, "the transfer from the host succeeded", "文件接收完成"},
    {500, 500, "the transfer from the host failed", "文件接收出错"},
};

const struct dfota_code_list dfota_codes_lte_standard_a_err = {err, COUNT(err)};
const struct dfota_code_list dfota_codes_lte_standard_a_ftp = {ftp, COUNT(ftp)};
const struct dfota_code_list dfota_codes_lte_standard_a_http = {http,
                                                                COUNT(http)};
const struct dfota_code_list dfota_codes_lte_standard_a_file = {file,
                                                                COUNT(file)};
