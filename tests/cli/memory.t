Packages made within a bound of memory, from images that do not fit into it.

$ # The package says nothing of it, but mkdelta does.
$ head -c 9000000 /dev/zero | tr '\0' 'a' > zeros; cat zeros > old; cat $TESTDATA/pairs/micropython-armv6m/old >> old; cat zeros > new; cat $TESTDATA/pairs/micropython-armv6m/new >> new
$ mkdelta --memory 70M old new -o update
mkdelta: warning: no identity, ...
mkdelta: warning: to keep within 73400320 bytes of memory, images lay in files...: the package may be larger
type     dfota, ...
...
$ mkdelta -q --json --memory 70M old new -o update | python3 -c 'import json, sys; print(json.load(sys.stdin)["warnings"][-1][:60])'
to keep within 73400320 bytes of memory, images lay in files
$ dfota-apply -q update.zip old -o made
$ cmp made new
$ # With enough memory nothing is said, and nothing changes.
$ mkdelta -q --memory 2G old new -o bound; mkdelta -q old new -o free; cmp bound.zip free.zip
$ mkdelta -q --memory 8M old new -o no
mkdelta: the generator may not use enough memory; this would do: ...M (MAKE-13)
[1]
$ mkdelta --memory much old new -o no
mkdelta: ...
...
[2]
$ ls
bound.zip
free.zip
made
new
old
update.zip
zeros
