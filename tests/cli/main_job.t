The whole way: make a package, look at it, ask what a module would say, apply
it, and get the new image.

$ seq 1 20000 > old.bin
$ sed 's/777/778/' old.bin > new.bin
$ mkdelta old.bin new.bin -o update 2> warnings
type     dfota, ... % of the new image
package  update.zip
         ... bytes
old      image: 108,894 bytes
new      image: 108,894 bytes
delta    image: ... bytes, ..., ... bytes of memory to apply it
time     ... s
$ dfota-info update.zip
file       update.zip
kind       dfota-zip: ...
size       ... bytes
...
delta      image
  size     ... bytes at offset ...
  old      108,894 bytes
  new      108,894 bytes
  memory   ... bytes
$ dfota-info --old old.bin update.zip
...
  streams  records: ... bytes (mixed)
           content: ... bytes (mixed)
  slots    ...
  work     108,894 bytes from the old image, in ... ranges
           18 bytes of these corrected
           0 bytes sent whole
  spent    on               bytes    share
           header ... %
           map ... %
           pieces ... %
           bytes ... %
           branches           0.0    0.0 %
           pointers           0.0    0.0 %
           literals           0.0    0.0 %
           parses             0.0    0.0 %
  regions  offset            size       bytes    share
           0x00000000        8192 ... %
           0x00002000        8192 ... %
...
           0x0001a000        2398 ... %
  dearest  offset            size       bytes    share
           0x... %
...
$ # Of code it says what is foreseen.
$ mkdelta -q $TESTDATA/pairs/tfa-sun50i-arm64/old $TESTDATA/pairs/tfa-sun50i-arm64/new -o code
$ dfota-info --explain code.zip
...
  streams  records: ... bytes (mixed)
           content: ... bytes (mixed)
  slots    ...
  foreseen A64: calls, pages...
           pointers into the image at 0x...
  tables   map of ... ranges, of ... bytes at least; room for ... addresses
$ dfota-info --old $TESTDATA/pairs/tfa-sun50i-arm64/old code.zip
...
           ... of ... addresses as foreseen, ... %
  spent    on               bytes    share
...
$ dfota-verify update.zip
pass  NAM-1       update.zip
...
pass  VFY-1       zip, manifest, 1 delta and all digests are right
...
skip  VFY-5       pass --image FILE, what is flashed now
...
verdict  incomplete
...
[1]
$ dfota-verify --allow-skip update.zip
pass  ...
...
verdict  accept
code     0...
...
$ dfota-verify --image old.bin --target new.bin update.zip
...
pass  VFY-5       image: 108894 bytes, MD5 ...
pass  VFY-9       the applier makes the new image in the memory stated
pass  VFY-10      image: 108894 bytes, MD5 ...

verdict  accept
...
$ dfota-verify --image new.bin update.zip
...
FAIL  VFY-5       image: 108894 bytes, MD5 ...
...
warn  VFY-5       the image is already what the package makes
...
verdict  reject
code     506 ...
...
[1]
$ dfota-apply update.zip old.bin -o made.bin
image    made.bin
         108,894 bytes
         CRC32    ...
         MD5      ...
         SHA-256  ...
memory   ... bytes given to the applier
$ cmp made.bin new.bin
$ # The same images and options give the same bytes, whatever the threads.
$ mkdelta -q -j1 old.bin new.bin -o one.zip
$ mkdelta -q -j8 old.bin new.bin -o eight.zip
$ cmp one.zip eight.zip
$ cmp one.zip update.zip
$ # Names: .zip is appended unless there is .zip or .bin.
$ mkdelta -q old.bin new.bin -o update.bin
$ mkdelta -q old.bin new.bin -o v1.0
$ ls v1.0* update.bin
update.bin
v1.0.zip
$ # Options may stand anywhere, and -- ends them.
$ mkdelta old.bin -qo late.zip -- new.bin
$ cmp late.zip update.zip
$ cp old.bin ./-old
$ mkdelta -q -o dash.zip -- -old new.bin
$ cmp dash.zip update.zip
$ # Each codec, and little memory.
$ for c in stored zlib; do mkdelta -q --codec $c old.bin new.bin -o $c; dfota-apply -q $c.zip old.bin -o $c.bin; cmp $c.bin new.bin; done
$ mkdelta -q --codec lzma --ram 8M old.bin new.bin -o lzma
$ dfota-apply -q lzma.zip old.bin -o lzma.bin
$ cmp lzma.bin new.bin
$ # A plain BSDIFF40 patch, under exactly the name that was asked for.
$ mkdelta -q --type bsdiff old.bin new.bin -o update.patch
$ head -c 8 update.patch; echo
BSDIFF40
$ dfota-info update.patch
file       update.patch
kind       bsdiff40: ...
...
$ dfota-apply -q update.patch old.bin -o patched.bin
$ cmp patched.bin new.bin
$ # One JSON object and nothing else, with the fields that others rely on.
$ mkdelta -q --json old.bin new.bin -o update > made.json
$ python3 -m json.tool made.json > pretty.json
$ python3 -c 'import json; print(*json.load(open("made.json")))'
type from to layout files old new deltas ratio seconds warnings
$ python3 -c 'import json; print(*json.load(open("made.json"))["files"][0])'
path size crc32 md5 sha256
$ python3 -c 'import json; print(json.load(open("made.json"))["files"][0]["sha256"])' > stated
$ sha256sum update.zip | cut -d ' ' -f 1 | cmp - stated
$ python3 -c 'import json; print(json.load(open("made.json"))["deltas"][0]["partition"])'
image
$ dfota-verify --json --image old.bin update.zip | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v); print(v["verdict"], v["result_code"])'
verdict result_code code_basis urc advice module family rules checks
accept 0
$ dfota-verify --json --image new.bin update.zip | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v); print(v["verdict"], v["result_code"])'
verdict result_code code_basis urc advice module family rules checks error
reject 506
$ dfota-apply --json update.zip old.bin -o made.bin | python3 -c 'import json, sys; print(*json.load(sys.stdin))'
type files ram
$ dfota-info --json --old old.bin update.zip | python3 -c 'import json, sys; v = json.load(sys.stdin); print(*v); print(*v["deltas"][0])'
kind description size from to family deltas frames
partition offset size old_size new_size ram old new streams slots in_place prediction unpacked compressed work
$ dfota-info --json --old $TESTDATA/pairs/tfa-sun50i-arm64/old code.zip > told.json
$ python3 -c 'import json; v = json.load(open("told.json"))["deltas"][0]; w = v["work"]; print(*w); print(*[k["name"] for k in w["kinds"]]); print(*w["regions"][0]); print(*w["top"][0]); print(abs(sum(k["bytes"] for k in w["kinds"]) - v["size"]) < 16)'
copies copied corrected literals addresses foreseen kinds regions top
header map pieces bytes branches pointers literals parses
offset size bytes
offset size bytes
True
$ python3 -c 'import json; p = json.load(open("told.json"))["deltas"][0]["prediction"]; print(*p); print(*p["dialects"][0]); print(p["dialects"][0]["name"])'
dialects bases ranges map_count map_length learned
name classes
A64
$ # More to read, and nothing at all.
$ mkdelta -v old.bin new.bin -o update 2> warnings
type     dfota, ... % of the new image
package  update.zip
         ... bytes
         CRC32    ...
         MD5      ...
         SHA-256  ...
old      image: 108,894 bytes
         CRC32    ...
         MD5      ...
         SHA-256  ...
new      image: 108,894 bytes
         CRC32    ...
         MD5      ...
         SHA-256  ...
...
$ mkdelta -q old.bin new.bin -o update
$ dfota-apply -q update.zip old.bin -o made.bin
$ # Nothing has been left behind.
$ ls -A
-old
code.zip
dash.zip
eight.zip
late.zip
lzma.bin
lzma.zip
made.bin
made.json
new.bin
old.bin
one.zip
patched.bin
pretty.json
stated
stored.bin
stored.zip
told.json
update.bin
update.patch
update.zip
v1.0.zip
warnings
zlib.bin
zlib.zip
