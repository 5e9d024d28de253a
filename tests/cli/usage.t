Wrong usage: one line on stderr that names the program and what is wrong, exit
status 2, nothing on stdout, and nothing done.

$ seq 1 1000 > old.bin
$ seq 2 1001 > new.bin
$ # Operands: each is required, none may be empty, and there are no others.
$ mkdelta
mkdelta: missing operand OLD; try '--help'
[2]
$ mkdelta old.bin
mkdelta: missing operand NEW; try '--help'
[2]
$ mkdelta old.bin new.bin
mkdelta: missing option -o OUT; try '--help'
[2]
$ mkdelta '' new.bin -o out
mkdelta: operand OLD is empty; try '--help'
[2]
$ mkdelta old.bin '' -o out
mkdelta: operand NEW is empty; try '--help'
[2]
$ mkdelta old.bin new.bin third.bin -o out
mkdelta: surplus operand 'third.bin'; try '--help'
[2]
$ mkdelta -- old.bin new.bin -o out
mkdelta: surplus operand '-o'; try '--help'
[2]
$ dfota-verify
dfota-verify: missing operand PACKAGE; try '--help'
[2]
$ dfota-verify one.zip two.zip
dfota-verify: surplus operand 'two.zip'; try '--help'
[2]
$ dfota-apply one.zip -o new
dfota-apply: missing operand OLD; try '--help'
[2]
$ dfota-apply one.zip old.bin
dfota-apply: missing option -o NEW; try '--help'
[2]
$ dfota-info
dfota-info: missing operand FILE; try '--help'
[2]
$ dfota-info one.zip two.zip
dfota-info: surplus operand 'two.zip'; try '--help'
[2]
$ dfota-module
dfota-module: missing option --flash FILE|FOLDER; try '--help'
[2]
$ dfota-module --flash old.bin new.bin
dfota-module: surplus operand 'new.bin'; try '--help'
[2]
$ # Options: known ones, in full, with a value where one is needed.
$ mkdelta old.bin new.bin -o
mkdelta: option '-o' needs OUT; try '--help'
[2]
$ mkdelta old.bin new.bin -o ''
mkdelta: option '-o': OUT is empty; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -x
mkdelta: unknown option '-x'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -qx
mkdelta: unknown option '-x'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --frobnicate
mkdelta: unknown option '--frobnicate'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --frobnicate=yes
mkdelta: unknown option '--frobnicate'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --jso
mkdelta: unknown option '--jso'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --json=yes
mkdelta: option '--json' takes no value; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --help=yes
mkdelta: option '--help' takes no value; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --=yes
mkdelta: unknown option '--'; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --type
mkdelta: option '--type' needs one of auto, dfota, mini, bsdiff; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --type=
mkdelta: option '--type': '' is not one of auto, dfota, mini, bsdiff; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --type DFOTA
mkdelta: option '--type': 'DFOTA' is not one of auto, dfota, mini, bsdiff; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --codec rar
mkdelta: option '--codec': 'rar' is not one of auto, stored, zlib, lzma, mixed; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --ram
mkdelta: option '--ram' needs SIZE; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --ram 0
mkdelta: option '--ram': '0' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --ram=-1
mkdelta: option '--ram': '-1' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --ram 64KB
mkdelta: option '--ram': '64KB' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ mkdelta old.bin new.bin -o out --ram 17179869184G
mkdelta: option '--ram': '17179869184G' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -j
mkdelta: option '-j' needs N; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -j0
mkdelta: option '-j': '0' is not a number from 1 to 1024; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -j 1025
mkdelta: option '-j': '1025' is not a number from 1 to 1024; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -j 99999999999999999999
mkdelta: option '-j': '99999999999999999999' is not a number from 1 to 1024; try '--help'
[2]
$ mkdelta old.bin new.bin -o out -j 4x
mkdelta: option '-j': '4x' is not a number from 1 to 1024; try '--help'
[2]
$ dfota-verify --image '' one.zip
dfota-verify: option '--image': FILE is empty; try '--help'
[2]
$ dfota-verify --module= one.zip
dfota-verify: option '--module': VERSION is empty; try '--help'
[2]
$ dfota-verify --free plenty one.zip
dfota-verify: option '--free': 'plenty' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ dfota-verify --max-size 0 one.zip
dfota-verify: option '--max-size': '0' is not a size such as 64K, 8M or 0x160000; try '--help'
[2]
$ dfota-verify --rules lte-standard-a one.zip
dfota-verify: there is no such rule set: lte-standard-a (VFY-0)
[2]
$ dfota-verify -q one.zip
dfota-verify: unknown option '-q'; try '--help'
[2]
$ dfota-apply -v one.zip old.bin -o new
dfota-apply: unknown option '-v'; try '--help'
[2]
$ dfota-info --old
dfota-info: option '--old' needs FILE; try '--help'
[2]
$ # Control characters in what was typed do not reach the terminal.
$ mkdelta "$(printf -- '--a\033[31m')"
mkdelta: unknown option '--a?[31m'; try '--help'
[2]
$ # Nor does --json change any of it: nothing is known about the input.
$ mkdelta --json 2> error
[2]
$ cat error
mkdelta: missing operand OLD; try '--help'
$ # Nothing has been made.
$ ls
error
new.bin
old.bin
