A module without room for two images: a layout with scratch and storage.

$ python3 -c 'open("old.img", "wb").write(open("'$TESTDATA'/pairs/micropython-armv7m/old", "rb").read().ljust(192512, b"\xff"))'
$ python3 -c 'open("new.img", "wb").write(open("'$TESTDATA'/pairs/micropython-armv7m/new", "rb").read().ljust(192512, b"\xff"))'
$ echo '{"flash": {"size": 192512, "sector": 4096, "scratch": "64K", "storage": "1M"}, "partitions": [{"name": "app", "offset": 0, "size": 192512, "role": "app"}]}' > layout
$ mkdelta -j1 --layout layout old.img new.img -o update
mkdelta: warning: no identity, ...
type     dfota, ... % of the new image
package  update.zip
         ... bytes
old      app: 192,512 bytes
new      app: 192,512 bytes
delta    app: ... bytes, mixed, 262,144 bytes of memory to apply it
         in place: each sector erased once, 65,536 bytes of scratch 3 times
time     ... s
$ unzip -p update.zip manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)["partitions"][0]["order"])'
{'kind': 'in-place', 'sector': 4096, 'scratch': 65536}
$ mkdelta -qj1 --json --layout layout old.img new.img -o again | python3 -c 'import json, sys; print(json.load(sys.stdin)["deltas"][0]["in_place"])'
{'sector': 4096, 'scratch': 65536, 'segment': 65536, 'segments': 3, 'stash': 0}
$ cmp update.zip again.zip
$ dfota-info update.zip
file       update.zip
kind       dfota-zip: DFOTA package
size       ... bytes
family     lte-standard-a
delta      app
  size     ... bytes at offset ...
  old      192,512 bytes
  new      192,512 bytes
  memory   262,144 bytes
$ dfota-info --explain update.zip | grep 'in place'
  in place 3 segments of 65,536 bytes, a stash of 0 bytes
$ # What the parts of the delta come to is all of it, but for their ends.
$ dfota-info --json --old old.img update.zip | python3 -c 'import json, sys; v = json.load(sys.stdin)["deltas"][0]; print(abs(sum(k["bytes"] for k in v["work"]["kinds"]) - v["size"]) < 32)'
True
$ dfota-apply -q update.zip old.img -o made.img && cmp made.img new.img
$ dfota-apply -q update.zip new.img -o made.img
dfota-apply: update.zip: offset ...: the old image is not the one the delta was made from: app (DLT-14)
[1]
$ # It does not fit where the module would keep it.
$ sed -i 's/"1M"/1000/' layout
$ mkdelta -qj1 --layout layout old.img new.img -o small
mkdelta: the package is larger than the layout's storage: ... bytes (MAKE-12)
[1]
