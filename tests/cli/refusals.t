What is refused, and with which exit status: 1 when the input is at fault, 3
when the machine is.  In either case what was there before is still there.

$ seq 1 20000 > old.bin
$ sed 's/777/778/' old.bin > new.bin
$ cp old.bin same.bin
$ echo precious > kept.zip
$ # Identical images, unless that is meant.
$ mkdelta -q old.bin same.bin -o kept.zip
mkdelta: ... (MAKE-1)
[1]
$ mkdelta -q old.bin old.bin -o kept.zip
mkdelta: ... (MAKE-1)
[1]
$ mkdelta -q --json old.bin same.bin -o kept.zip 2> error | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v); print(*v["error"]); print(v["error"]["rule"])'
error
rule file offset message
MAKE-1
$ cat kept.zip
precious
$ mkdelta -q --allow-same old.bin same.bin -o same
$ dfota-apply -q same.zip old.bin -o again.bin
$ cmp again.bin old.bin
$ # A package in an image's place, by whatever name.
$ mkdelta -q old.bin new.bin -o old.bin
mkdelta: ... (MAKE-2)
[1]
$ mkdelta -q old.bin new.bin -o ./new.bin
mkdelta: ... (MAKE-2)
[1]
$ ln new.bin linked.zip
$ mkdelta -q old.bin new.bin -o linked
mkdelta: ... (MAKE-2)
[1]
$ rm linked.zip
$ sed 's/777/778/' old.bin | cmp - new.bin
$ # MiniFOTA's names, which tell a module to expect another flow.
$ mkdelta -q old.bin new.bin -o update.mini_1
mkdelta: ... (MAKE-3)
[1]
$ mkdelta -q old.bin new.bin -o update.mini
mkdelta: ... (MAKE-3)
[1]
$ # Files that cannot be read.
$ mkdelta missing.bin new.bin -o out
mkdelta: missing.bin: No such file or directory
[3]
$ mkdelta old.bin missing.bin -o out
mkdelta: missing.bin: No such file or directory
[3]
$ mkdelta old.bin /proc/self/mem -o out
mkdelta: /proc/self/mem: Input/output error
[3]
$ mkdelta old.bin new.bin/more -o out
mkdelta: new.bin/more: Not a directory
[3]
$ mkdir folder
$ mkdelta folder new.bin -o out
mkdelta: folders of partition images go together, into a DFOTA package, without a layout (MAKE-10)
[2]
$ dfota-verify missing.zip
dfota-verify: missing.zip: No such file or directory
[3]
$ dfota-verify folder
dfota-verify: folder: Is a directory
[3]
$ dfota-info folder
dfota-info: folder: Is a directory
[3]
$ dfota-info /proc/self/mem
dfota-info: /proc/self/mem: Input/output error
[3]
$ mkdelta --json missing.bin new.bin -o out 2> error | python3 -m json.tool
{
    "error": {
        "rule": null,
        "file": "missing.bin",
        "offset": null,
        "message": "No such file or directory"
    }
}
$ cat error
mkdelta: missing.bin: No such file or directory
$ # Files that cannot be written.
$ mkdelta -q old.bin new.bin -o nowhere/out.zip
mkdelta: nowhere/out.zip: No such file or directory
[3]
$ mkdir folder.zip
$ mkdelta -q old.bin new.bin -o folder
mkdelta: folder.zip: Is a directory
[3]
$ rmdir folder.zip
$ # Standard output that takes nothing.
$ mkdelta --help > /dev/full
mkdelta: standard output: No space left on device
[3]
$ dfota-info --version >&-
dfota-info: standard output: Bad file descriptor
[3]
$ python3 -c 'import os, subprocess; r, w = os.pipe(); os.close(r); print(subprocess.call(["dfota-info", "--help"], stdout=w))'
dfota-info: standard output: Broken pipe
3
$ # Names in other scripts, and with spaces.
$ mkdir 'прошивки до 2026'
$ cp new.bin 'прошивки до 2026/новая версия.bin'
$ mkdelta old.bin 'прошивки до 2026/новая версия.bin' -o 'прошивки до 2026/обновление' 2> warnings
type     dfota, ...
package  прошивки до 2026/обновление.zip
...
$ dfota-info --json 'прошивки до 2026/обновление.zip' > info.json
$ python3 -m json.tool info.json > pretty.json
$ dfota-apply -q 'прошивки до 2026/обновление.zip' old.bin -o 'made here.bin'
$ cmp 'made here.bin' new.bin
$ dfota-info 'прошивки до 2026/нет.zip'
dfota-info: прошивки до 2026/нет.zip: No such file or directory
[3]
$ dfota-info "$(printf 'no\033[31m\nsuch\302\233')"
dfota-info: no?[31m?such??: No such file or directory
[3]
$ # Packages that are none, that are cut short, or that are for another image.
$ mkdelta -q old.bin new.bin -o update.zip
$ dfota-info old.bin
dfota-info: old.bin: ... (INFO-1)
[1]
$ dfota-apply update.zip update.zip -o kept.zip
dfota-apply: update.zip: ...
[1]
$ dfota-apply old.bin old.bin -o kept.zip
dfota-apply: old.bin: ... (APPLY-2)
[1]
$ dfota-apply update.zip old.bin -o update.zip
dfota-apply: update.zip: ... (APPLY-1)
[1]
$ dfota-apply update.zip old.bin -o old.bin
dfota-apply: old.bin: ... (APPLY-1)
[1]
$ head -c 500 update.zip > short.zip
$ dfota-apply short.zip old.bin -o kept.zip
dfota-apply: short.zip: ...
[1]
$ dfota-verify --image old.bin short.zip
...
FAIL  VFY-1       offset 500: the zip ends before its end record (ZIP-3)

verdict  reject
code     505 (documented)
...
[1]
$ : > empty.zip
$ dfota-info empty.zip
dfota-info: empty.zip: ...
[1]
$ dfota-verify empty.zip
...
FAIL  VFY-1       neither a package of ours nor one that is known

verdict  reject
...
[1]
$ dfota-verify --module EC200A update.zip
dfota-verify: there is no R<nn>A<nn> in the version string: "EC200A" (VER-2)
[1]
$ # What was there is still there, and no half-written file beside it.
$ cat kept.zip
precious
$ seq 1 20000 | cmp - old.bin
$ ls -A
again.bin
empty.zip
error
folder
info.json
kept.zip
made here.bin
new.bin
old.bin
pretty.json
same.bin
same.zip
short.zip
update.zip
warnings
прошивки до 2026
