MiniFOTA: an 8 MB flash, of which a layout says what is updated and how.

$ $TESTDATA/make-flash8m .
$ cp $TESTDATA/flash8m-layout.json layout
$ # Versions given, which also ask for MiniFOTA: two files.
$ mkdelta --layout layout --from EC200NCNLAR03A01M08 --to EC200NCNLAR03A02M08 old.img new.img -o update
type     mini, ... % of the new images
package  update.mini_1
         ... bytes
package  update.mini_2
         ... bytes
from     EC200NCNLAR03A01M08
to       EC200NCNLAR03A02M08
old      mini: 917,504 bytes
new      mini: 917,504 bytes
old      app: 6,553,600 bytes
new      app: 6,553,600 bytes
delta    mini: ... bytes, ..., ... bytes of memory to apply it
time     ... s
$ ls update*
update.mini_1
update.mini_2
$ dfota-info update.mini_1
file       update.mini_1
kind       dfota-mini-1: ...
size       ... bytes
from       EC200NCNLAR03A01M08
to         EC200NCNLAR03A02M08
family     lte-standard-a
delta      mini
  size     ... bytes at offset 2048
  old      917,504 bytes
  new      917,504 bytes
  memory   ... bytes
frames     100: 6,553,600 bytes of flash in ... bytes of .mini_2
$ dfota-info update.mini_2
file       update.mini_2
kind       dfota-mini-2: ...
size       ... bytes
$ dfota-apply update.mini_1 old.img -o made.img
image    made.img
         8,388,608 bytes
         CRC32    ...
         MD5      ...
         SHA-256  ...
memory   ... bytes given to the applier
$ # What is updated is new; what is kept (boot, nv) is as it was.
$ part() { dd if=$1.img bs=4096 skip=$2 count=$3 status=none; }; for p in '160 224' '384 1600'; do part made $p > made.part; part new $p | cmp - made.part; done
$ part() { dd if=$1.img bs=4096 skip=$2 count=$3 status=none; }; for p in '0 160' '1984 64'; do part made $p > made.part; part old $p | cmp - made.part; part new $p | cmp -s - made.part || echo differs from new; done
differs from new
differs from new
$ # Versions found in the images, and another number of threads: the same.
$ mkdelta -q -j 2 --layout layout old.img new.img -o found.mini_1
$ cmp found.mini_1 update.mini_1
$ cmp found.mini_2 update.mini_2
$ # Other units, other calibration data: the same package.
$ for i in old new; do cp $i.img $i.other; head -c 4096 made.img | dd of=$i.other bs=4096 seek=2000 conv=notrunc status=none; done
$ mkdelta -q --layout layout old.other new.other -o other
$ cmp other.mini_1 update.mini_1
$ cmp other.mini_2 update.mini_2
$ # One JSON object, with the images by partition.
$ mkdelta -q --json --layout layout old.img new.img -o update > made.json
$ python3 -c 'import json; v = json.load(open("made.json")); print(*v); print(v["type"], v["from"], v["to"], v["layout"]); print(*(f["path"] for f in v["files"])); print(*v["old"], *v["new"], *v["old"]["mini"]); print(*(d["partition"] for d in v["deltas"])); print(v["warnings"])'
type from to layout files old new deltas ratio seconds warnings
mini EC200NCNLAR03A01M08 EC200NCNLAR03A02M08 layout
update.mini_1 update.mini_2
mini app mini app size crc32 md5 sha256
mini
[]
$ dfota-info --json update.mini_1 | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v); print(v["frames"]["count"], v["frames"]["raw"])'
kind description size from to family deltas frames
100 6553600
$ # DFOTA with a layout: a delta for each partition, and a word of warning.
$ mkdelta --type dfota --layout layout old.img new.img -o update
mkdelta: warning: EC200NCNLAR03A01M08 is updated by MiniFOTA, which this package is not
type     dfota, ... % of the new images
package  update.zip
...
delta    mini: ... bytes, ...
delta    app: ... bytes, ...
time     ... s
$ dfota-apply -q update.zip old.img -o made.dfota
$ cmp made.dfota made.img
$ # A layout beside the new image is used without being asked for, and named.
$ mkdir new && cp new.img new && cp layout new/layout.json
$ mkdelta old.img new/new.img -o beside > made.txt
mkdelta: using the layout new/layout.json
$ cmp beside.mini_1 update.mini_1
$ head -c 100000 new.img > new/short.img
$ mkdelta old.img new/short.img -o beside
mkdelta: using the layout new/layout.json
mkdelta: new/short.img: offset 100000: ... (LAY-23)
[1]
$ rm -r new
$ # MiniFOTA asks for a layout and for versions; a plain patch has neither.
$ mkdelta old.img new.img -o update
mkdelta: ...: EC200NCNLAR03A01M08 is updated by MiniFOTA (MAKE-6)
[2]
$ mkdelta old.img new.img -o update --type mini
mkdelta: ... (MAKE-6)
[2]
$ mkdelta old.img new.img -o update --type bsdiff --layout layout
mkdelta: ... (MAKE-6)
[2]
$ sed 's/"0x0e0000", "role": "mini"/"0x0e0000", "role": "keep"/' layout > dfota
$ mkdelta --type mini --layout dfota old.img new.img -o update
mkdelta: ...: old.img holds no version string (MAKE-7)
[1]
$ mkdelta --type mini --layout dfota --from EC200NCNLAR03A01M08 --to EC200NCNLAR03A02M08 old.img new.img -o update
mkdelta: dfota: ... (LAY-20)
[1]
$ mkdelta -q --layout layout --from EC200NCNLAR03A01 --to EC200NCNLAR03A2 old.img new.img -o update
mkdelta: offset 0: ...: "EC200NCNLAR03A2" (VER-2)
[1]
$ # From project to project: EA is not AE.
$ mkdelta --layout layout --from EC200NEAAR03A01M08 --to EC200NAEAR03A02M08 old.img new.img -o update
mkdelta: ...: EC200NEAA, EC200NAEA (MAKE-8)
[1]
$ mkdelta -v --layout layout --force-project --from EC200NEAAR03A01M08 --to EC200NAEAR03A02M08 old.img new.img -o moved > made.txt
mkdelta: warning: from project EC200NEAA to project EC200NAEA
$ grep -c SHA-256 made.txt
6
$ # Images that differ only in what is kept, and a flash that is another.
$ mkdelta --layout layout old.img old.other -o update
mkdelta: old.other: ... (MAKE-1)
[1]
$ dfota-apply update.mini_1 new.img -o made.img
dfota-apply: update.mini_1: offset ...: ... (MIN-13)
[1]
$ head -c 1000000 old.img > old.short
$ dfota-apply update.zip old.short -o made.img
dfota-apply: update.zip: ...: ... (APPLY-3)
[1]
$ # A pair that is broken, mixed or not a pair.
$ mkdelta -q --layout layout new.img old.img -o back
$ cp back.mini_2 update.mini_2
$ dfota-apply update.mini_1 old.img -o made.img
dfota-apply: update.mini_1: offset ...: ...: in its .mini_2 (MIN-24)
[1]
$ head -c 100000 found.mini_2 > update.mini_2
$ dfota-apply update.mini_1 old.img -o made.img
dfota-apply: update.mini_1: offset ...: ...: in its .mini_2 (MIN-19)
[1]
$ rm update.mini_2
$ dfota-apply update.mini_1 old.img -o made.img
dfota-apply: update.mini_1: there is no .mini_2 beside the .mini_1 (PKG-2)
[1]
$ dfota-apply found.mini_1 old.img -o found.mini_2
dfota-apply: found.mini_2: ... (APPLY-1)
[1]
$ cmp found.mini_2 other.mini_2
$ cmp made.img made.dfota
$ # Both files or neither.
$ mkdir update.mini_2
$ mkdelta -q --layout layout old.other new.img -o update
mkdelta: update.mini_2: Is a directory
[3]
$ cmp update.mini_1 found.mini_1
$ ls -A | grep '^\.'
[1]
