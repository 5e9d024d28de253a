Folders of partition images, as RG and RM modules have them: one package for all
of them, and every result code that a module gives to it.

$ # Real images, under the names of partitions; one of them does not change.
$ mkdir A01 A02
$ P=$TESTDATA/pairs; for p in modem=micropython-armv7m system=micropython-armv6m sbl=tfa-stm32mp1-armv7a tz=tfa-sun50i-arm64; do cp $P/${p#*=}/old A01/${p%=*}.img; cp $P/${p#*=}/new A02/${p%=*}.bin; done
$ cp $TESTDATA/pairs/micropython-armv6m/old A01/boot.img; cp A01/boot.img A02/boot
$ mkdelta --from RM500QGLAAR03A01M4G --to RM500QGLAAR03A02M4G A01 A02 -o update
type     dfota, ... % of the new images
package  update.zip
         ... bytes
from     RM500QGLAAR03A01M4G
to       RM500QGLAAR03A02M4G
old      modem: 188,140 bytes
new      modem: 189,260 bytes
old      system: 170,168 bytes
new      system: 171,036 bytes
same     boot: 170,168 bytes
old      sbl: 58,829 bytes
new      sbl: 58,881 bytes
old      tz: 49,265 bytes
new      tz: 45,165 bytes
delta    modem: ... bytes, ..., ... bytes of memory to apply it
delta    system: ...
delta    sbl: ...
delta    tz: ...
time     ... s
$ python3 -m zipfile -l update.zip | cut -d ' ' -f 1
File
manifest.json
modem.delta
system.delta
sbl.delta
tz.delta
$ dfota-info update.zip
file       update.zip
...
family     rg50x-rm5xx
delta      modem
...
unchanged  boot
  size     170,168 bytes
delta      sbl
...
$ dfota-apply -q update.zip A01 -o made
$ ls made
boot.img
modem.img
sbl.img
system.img
tz.img
$ for p in modem.bin system.bin boot sbl.bin tz.bin; do cmp made/${p%.*}.img A02/$p; done
$ # Objects by partition, for a pipeline; nothing depends on the threads.
$ mkdelta -qj1 --json --from RM500QGLAAR03A01M4G --to RM500QGLAAR03A02M4G A01 A02 -o one | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v["old"]); print(*v["new"]["boot"]); print(*[d["partition"] for d in v["deltas"]])'
modem system boot sbl tz
size crc32 md5 sha256
modem system sbl tz
$ cmp one.zip update.zip
$ dfota-apply --json update.zip A01 -o made | python3 -c 'import json, sys; print(*[f["path"] for f in json.load(sys.stdin)["files"]])'
made/modem.img made/system.img made/boot.img made/sbl.img made/tz.img
$ dfota-info --json update.zip | python3 -c 'import json, sys; print(*[(d["partition"], d["offset"]) for d in json.load(sys.stdin)["deltas"] if not d["size"]])'
('boot', None)
$ # What a module would say: nothing, if all is well.
$ dfota-verify --module RM500QGLAAR03A01M4G --image A01 --target A02 --free 1M --max-size 1M --command 'AT+QFOTADL="/cache/ufs/update.zip"' update.zip
pass  NAM-1       update.zip
pass  MOD-1       RM500Q is listed in rg50x-rm5xx-1.1
pass  MOD-2       RM500QGLAAR03A01M4G is updated by DFOTA
pass  CMD-2       the command has a known form
pass  CMD-4       0 numbers after the first parameter, at most 0
pass  URL-1       ... at most 512
...
pass  SPC-1       ... of 1048576 bytes
pass  SPC-2       ... of 1048576 bytes
pass  VFY-1       zip, manifest, 4 deltas and all digests are right
pass  VFY-2       RM500QGLAA
pass  VFY-3       R03
pass  VFY-4       RM500QGLAAR03A01M4G
pass  VFY-5       all 5 partitions
pass  VFY-9       the applier makes the new image in the memory stated
pass  VFY-10      all 5 partitions

verdict  accept
code     0 (documented)
URC      +QIND: "FOTA","END",0
family   rg50x-rm5xx
rules    rg50x-rm5xx-1.1
$ # 504: a damaged copy.
$ head -c 20000 update.zip > cut.zip
$ dfota-verify --module RM500QGLAAR03A01M4G --image A01 cut.zip | grep -A9 -E '^FAIL|^verdict'
FAIL  VFY-1       ...: the zip ends before its end record (ZIP-3)

verdict  reject
code     504 (documented)
URC      +QIND: "FOTA","END",504
family   rg50x-rm5xx
rules    rg50x-rm5xx-1.1
advice   The module refuses the package and keeps its old firmware. Make the
         package again, or copy it again from where it was made. After an error
         the module reboots and retries, up to 5 times, and then boots
         normally. After a power loss it is in forced upgrade mode and retries
         without limit.
$ # 505: another project, another version.
$ for m in RM500QAEAAR03A01M4G RM500QGLAAR03A05M4G; do dfota-verify --module $m --image A01 update.zip | grep -E '^FAIL|^code'; done
FAIL  VFY-2       the module has RM500QAEAA, the package needs RM500QGLAA
code     505 (documented)
FAIL  VFY-4       the module has RM500QGLAAR03A05M4G, the package needs
code     505 (documented)
$ # 510: two partitions are not what the package was made from.
$ cp -r A01 other; printf X | dd of=other/tz.img conv=notrunc 2> errors; printf X >> other/boot.img
$ dfota-verify --module RM500QGLAAR03A01M4G --image other update.zip | grep -A1 -E '^FAIL|^code'
FAIL  VFY-5       boot: 170169 bytes, MD5 ..., not
                  170168 bytes, MD5 ...
FAIL  VFY-5       tz: 49265 bytes, MD5 ..., not
                  49265 bytes, MD5 ...
--
code     510 (documented)
URC      +QIND: "FOTA","END",510
$ dfota-apply update.zip other -o made
dfota-apply: update.zip: a partition that is kept is not the one the package is for: boot (APPLY-4)
[1]
$ # 511: room for the package, but not for the largest image that it makes.
$ dfota-verify --module RM500QGLAAR03A01M4G --image A01 --free 200K update.zip | grep -A1 -E '^FAIL|^code'
FAIL  SPC-1       the package and 189260 bytes to upgrade with have ...
...
code     511 (documented)
URC      +QIND: "FOTA","END",511
$ # 550: above a limit that somebody knows.
$ dfota-verify --module RM500QGLAAR03A01M4G --image A01 --max-size 16K update.zip | grep -A1 -E '^FAIL|^code'
FAIL  SPC-2       the package has ... bytes, 16384 are allowed
...
code     550 (documented)
URC      +QIND: "FOTA","END",550
$ # Folders that are refused, and what was there before.
$ mkdir A01/old; mkdelta A01 A02 -o update
mkdelta: A01: something in the folder is no file: old (DIR-1)
[1]
$ rmdir A01/old; touch A01/notes.txt; mkdelta A01 A02 -o update
mkdelta: A01: a file is not named after a partition, which are modem, system, boot, sbl and tz: notes.txt (DIR-2)
[1]
$ mv A01/notes.txt A01/boot.txt; mkdelta A01 A02 -o update
mkdelta: A01: two files are named after one partition: boot.txt (DIR-3)
[1]
$ rm A01/boot.*; mkdelta A01 A02 -o update
mkdelta: A02: a partition is not on both sides: boot (DIR-5)
[1]
$ dfota-verify --image A01 update.zip | grep FAIL
FAIL  VFY-5       boot: there is no file of it
$ mkdir none; mkdelta none A02 -o update
mkdelta: none: there is no partition image in the folder: it is empty (DIR-4)
[1]
$ mkdelta --json A01/tz.img A02 -o update
mkdelta: folders of partition images go together, into a DFOTA package, without a layout (MAKE-10)
[2]
$ touch none/thesis.tex; dfota-apply update.zip other -o none
dfota-apply: none: the folder that would be replaced holds something else than partition images: thesis.tex (APPLY-6)
[1]
$ cmp one.zip update.zip; ls -A made none
made:
boot.img
modem.img
sbl.img
system.img
tz.img

none:
thesis.tex
