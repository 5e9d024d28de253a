What dfota-verify says of packages made from real images: those of both flows,
and those of others.

$ # DFOTA: one zip for a module with 16 MB of flash, from its first check to its last.
$ P=$TESTDATA/pairs/micropython-armv7m; cp $P/old A02.bin; cp $P/new A03.bin
$ mkdelta -q --from EC200ACNHAR01A02M16 --to EC200ACNHAR01A03M16 A02.bin A03.bin -o A02-A03
$ dfota-verify --module EC200ACNHAR01A02M16 --image A02.bin --target A03.bin --url 'http://www.example.com:100/A02-A03.zip' --command 'AT+QFOTADL="http://www.example.com:100/A02-A03.zip",1,50' --free 2M --max-size 1M A02-A03.zip
pass  NAM-1       A02-A03.zip
pass  MOD-1       EC200A is listed in lte-standard-a-1.4
pass  MOD-2       EC200ACNHAR01A02M16 is updated by DFOTA
pass  CMD-2       the command has a known form
pass  CMD-4       2 numbers after the first parameter, at most 3
pass  CMD-5       upgrade mode 1, which is 0 to 1
pass  CMD-6       download URC maximum 50
pass  URL-1       38 bytes, at most 255
pass  URL-2       http is allowed
pass  URL-3       no special characters
pass  URL-4       no character that a shell acts on
pass  URL-5       port 100
pass  URL-6       the host has 15 bytes
pass  URL-11      no query
pass  URL-10      it ends in A02-A03.zip
pass  URL-1       38 bytes, at most 255
pass  URL-2       http is allowed
pass  URL-3       no special characters
pass  URL-4       no character that a shell acts on
pass  URL-5       port 100
pass  URL-6       the host has 15 bytes
pass  URL-11      no query
pass  URL-10      it ends in A02-A03.zip
pass  SPC-1       ... of 2097152 bytes
pass  SPC-2       ... of 1048576 bytes
pass  VFY-1       zip, manifest, 1 delta and all digests are right
pass  VFY-2       EC200ACNHA
pass  VFY-3       R01
pass  VFY-4       EC200ACNHAR01A02M16
pass  VFY-5       image: 188140 bytes, MD5 30561ebc2f6293e85994288b4f432916
pass  VFY-9       the applier makes the new image in the memory stated
pass  VFY-10      image: 189260 bytes, MD5 3f0a0c38603556de63fb59959d816be4

verdict  accept
code     0 (documented)
URC      +QIND: "FOTA","END",0
family   lte-standard-a
rules    lte-standard-a-1.4
$ # The same without what is not at hand, as JSON.
$ dfota-verify --json --module EC200ACNHAR01A02M16 --image A02.bin A02-A03.zip | python3 -m json.tool
{
    "verdict": "accept",
    "result_code": 0,
    "code_basis": "documented",
    "urc": "+QIND: \"FOTA\",\"END\",0",
    "advice": "",
    "module": "EC200ACNHAR01A02M16",
    "family": "lte-standard-a",
    "rules": "lte-standard-a-1.4",
    "checks": [
        {
            "rule": "NAM-1",
            "status": "pass",
            "detail": "A02-A03.zip"
        },
        {
            "rule": "MOD-1",
            "status": "pass",
            "detail": "EC200A is listed in lte-standard-a-1.4"
        },
        {
            "rule": "MOD-2",
            "status": "pass",
            "detail": "EC200ACNHAR01A02M16 is updated by DFOTA"
        },
        {
            "rule": "CMD-1",
            "status": "skip",
            "detail": "pass --command LINE, what is to be sent"
        },
        {
            "rule": "URL-1",
            "status": "skip",
            "detail": "pass --url URL, where the package will be"
        },
        {
            "rule": "SPC-1",
            "status": "skip",
            "detail": "pass --free SIZE, what is free in the module's files"
        },
        {
            "rule": "SPC-2",
            "status": "skip",
            "detail": "pass --max-size SIZE, if the module has a limit"
        },
        {
            "rule": "VFY-1",
            "status": "pass",
            "detail": "zip, manifest, 1 delta and all digests are right"
        },
        {
            "rule": "VFY-2",
            "status": "pass",
            "detail": "EC200ACNHA"
        },
        {
            "rule": "VFY-3",
            "status": "pass",
            "detail": "R01"
        },
        {
            "rule": "VFY-4",
            "status": "pass",
            "detail": "EC200ACNHAR01A02M16"
        },
        {
            "rule": "VFY-5",
            "status": "pass",
            "detail": "image: 188140 bytes, MD5 30561ebc2f6293e85994288b4f432916"
        },
        {
            "rule": "VFY-9",
            "status": "pass",
            "detail": "the applier makes the new image in the memory stated"
        },
        {
            "rule": "VFY-10",
            "status": "skip",
            "detail": "pass --target FILE, what it must become"
        }
    ]
}
$ # Another module, another baseline, another version, and one that has it already.
$ dfota-verify --module EC200ACNLAR01A02M16 --image A02.bin A02-A03.zip
pass  NAM-1       A02-A03.zip
pass  MOD-1       EC200A is listed in lte-standard-a-1.4
pass  MOD-2       EC200ACNLAR01A02M16 is updated by DFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
pass  VFY-1       zip, manifest, 1 delta and all digests are right
FAIL  VFY-2       the module has EC200ACNLA, the package needs EC200ACNHA
pass  VFY-3       R01
pass  VFY-4       EC200ACNHAR01A02M16
pass  VFY-5       image: 188140 bytes, MD5 30561ebc2f6293e85994288b4f432916
pass  VFY-9       the applier makes the new image in the memory stated
skip  VFY-10      pass --target FILE, what it must become

verdict  reject
code     552 (documented)
URC      +QIND: "FOTA","END",552
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module refuses the package and keeps its old firmware. Make a
         package for the version that ATI reports.
[1]
$ for m in EC200ACNHAR02A02M16 EC200ACNHAR01A01M16 EC200ACNHAR01A03M16; do dfota-verify --module $m --image A02.bin A02-A03.zip | grep -E '^FAIL|verdict|code|URC'; done
FAIL  VFY-3       the module has R02, the package needs R01
verdict  reject
code     553 (documented)
URC      +QIND: "FOTA","END",553
FAIL  VFY-4       the module has EC200ACNHAR01A01M16, the package needs
verdict  reject
code     507 (documented)
URC      +QIND: "FOTA","END",507
FAIL  VFY-4       the module already has EC200ACNHAR01A03M16
verdict  reject
code     the documents give none
$ # Another image than the one flashed, and one that nobody wanted.
$ head -c 188139 A02.bin > other.bin; printf X >> other.bin
$ dfota-verify --module EC200ACNHAR01A02M16 --image other.bin A02-A03.zip
pass  NAM-1       A02-A03.zip
pass  MOD-1       EC200A is listed in lte-standard-a-1.4
pass  MOD-2       EC200ACNHAR01A02M16 is updated by DFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
pass  VFY-1       zip, manifest, 1 delta and all digests are right
pass  VFY-2       EC200ACNHA
pass  VFY-3       R01
pass  VFY-4       EC200ACNHAR01A02M16
FAIL  VFY-5       image: 188140 bytes, MD5 ad4e4a6415f99eeacc344a4a9adcac75,
                  not 188140 bytes, MD5 30561ebc2f6293e85994288b4f432916
skip  VFY-9       needs the whole package and the right source
skip  VFY-10      pass --target FILE, what it must become

verdict  reject
code     506 (documented)
URC      +QIND: "FOTA","END",506
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module refuses the package and keeps its old firmware. Make the
         package from the very image that is flashed.
[1]
$ dfota-verify --module EC200ACNHAR01A02M16 --image A02.bin --target A02.bin A02-A03.zip | grep -E '^FAIL|verdict|code|advice'
FAIL  VFY-10      image: 188140 bytes, MD5 30561ebc2f6293e85994288b4f432916,
verdict  reject
code     the documents give none
advice   The package would make another image than the one wanted. Make it
$ # A damaged copy.
$ head -c 500 A02-A03.zip > short.zip
$ dfota-verify --module EC200ACNHAR01A02M16 --image A02.bin short.zip
pass  NAM-1       short.zip
pass  MOD-1       EC200A is listed in lte-standard-a-1.4
pass  MOD-2       EC200ACNHAR01A02M16 is updated by DFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
FAIL  VFY-1       offset 500: the zip ends before its end record (ZIP-3)

verdict  reject
code     505 (documented)
URC      +QIND: "FOTA","END",505
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module refuses the package and keeps its old firmware. Make the
         package again, or copy it again from where it was made.
[1]
$ # Incomplete, and accepted all the same.
$ dfota-verify --module EC200ACNHAR01A02M16 A02-A03.zip | tail -n 6

verdict  incomplete
family   lte-standard-a
rules    lte-standard-a-1.4
advice   Nothing failed, but the source image was not checked. Pass --image, or
         --allow-skip to accept without it.
$ dfota-verify --json --image A02.bin A02-A03.zip | python3 -c 'import json, sys; v = json.load(sys.stdin); print(v["verdict"], v["result_code"], v["code_basis"], v["urc"], v["error"]["rule"])'
incomplete None None None VFY-2
$ dfota-verify --allow-skip A02-A03.zip | tail -n 5
verdict  accept
code     0 (documented)
URC      +QIND: "FOTA","END",0
family   lte-standard-a
rules    lte-standard-a-1.4
$ # MiniFOTA: two files for a module with 8 MB of flash.
$ $TESTDATA/make-flash8m .
$ mkdelta -q --layout $TESTDATA/flash8m-layout.json old.img new.img -o A01-A02
$ dfota-verify --module EC200NCNLAR03A01M08 --image old.img --target new.img --url 'http://192.0.2.2:80/A01-A02.mini_1' A01-A02.mini_1
pass  NAM-1       A01-A02.mini_1
pass  NAM-2       A01-A02.mini_2
pass  MOD-1       EC200N is listed in lte-standard-a-1.4
pass  MOD-2       EC200NCNLAR03A01M08 is updated by MiniFOTA
skip  CMD-1       pass --command LINE, what is to be sent
pass  URL-1       34 bytes, at most 128
pass  URL-2       http is allowed
pass  URL-3       no special characters
pass  URL-4       no character that a shell acts on
pass  URL-5       port 80
pass  URL-6       the host has 9 bytes
pass  URL-11      no query
pass  URL-10      it ends in A01-A02.mini_1
skip  SPC-2       pass --max-size SIZE, if the module has a limit
pass  VFY-1       the header of the .mini_1 is right
pass  VFY-2       EC200NCNLA
pass  VFY-3       R03
pass  VFY-4       EC200NCNLAR03A01M08
pass  VFY-5       the CRC32 of all 2 regions
pass  VFY-6       both files are of one run
pass  VFY-7       all digests are right
pass  VFY-8       ... of 6553600 bytes
pass  VFY-9       the applier makes the new image in the memory stated
pass  VFY-10      the package makes the image given

verdict  accept
code     0 (analogy)
family   lte-standard-a
rules    lte-standard-a-1.4
$ dfota-verify --json --module EC200NCNLAR03A01M08 --image old.img A01-A02.mini_1 | python3 -m json.tool
{
    "verdict": "accept",
    "result_code": 0,
    "code_basis": "analogy",
    "urc": null,
    "advice": "",
    "module": "EC200NCNLAR03A01M08",
    "family": "lte-standard-a",
    "rules": "lte-standard-a-1.4",
    "checks": [
        {
            "rule": "NAM-1",
            "status": "pass",
            "detail": "A01-A02.mini_1"
        },
        {
            "rule": "NAM-2",
            "status": "pass",
            "detail": "A01-A02.mini_2"
        },
        {
            "rule": "MOD-1",
            "status": "pass",
            "detail": "EC200N is listed in lte-standard-a-1.4"
        },
        {
            "rule": "MOD-2",
            "status": "pass",
            "detail": "EC200NCNLAR03A01M08 is updated by MiniFOTA"
        },
        {
            "rule": "CMD-1",
            "status": "skip",
            "detail": "pass --command LINE, what is to be sent"
        },
        {
            "rule": "URL-1",
            "status": "skip",
            "detail": "pass --url URL, where the package will be"
        },
        {
            "rule": "SPC-2",
            "status": "skip",
            "detail": "pass --max-size SIZE, if the module has a limit"
        },
        {
            "rule": "VFY-1",
            "status": "pass",
            "detail": "the header of the .mini_1 is right"
        },
        {
            "rule": "VFY-2",
            "status": "pass",
            "detail": "EC200NCNLA"
        },
        {
            "rule": "VFY-3",
            "status": "pass",
            "detail": "R03"
        },
        {
            "rule": "VFY-4",
            "status": "pass",
            "detail": "EC200NCNLAR03A01M08"
        },
        {
            "rule": "VFY-5",
            "status": "pass",
            "detail": "the CRC32 of all 2 regions"
        },
        {
            "rule": "VFY-6",
            "status": "pass",
            "detail": "both files are of one run"
        },
        {
            "rule": "VFY-7",
            "status": "pass",
            "detail": "all digests are right"
        },
        {
            "rule": "VFY-8",
            "status": "pass",
            "detail": "... of 6553600 bytes"
        },
        {
            "rule": "VFY-9",
            "status": "pass",
            "detail": "the applier makes the new image in the memory stated"
        },
        {
            "rule": "VFY-10",
            "status": "skip",
            "detail": "pass --target FILE, what it must become"
        }
    ]
}
$ # A URL that this module cannot use, though one with a newer guide may.
$ dfota-verify --module EC200NCNLAR03A01M08 --image old.img --url 'https://192.0.2.2:443/A01-A02.mini_1' A01-A02.mini_1 | grep -E '^FAIL|verdict|code|advice'
FAIL  URL-2       no https here: 3.3.1.2 note 1: MiniFOTA takes HTTP, not HTTPS
verdict  reject
code     the documents give none
advice   With a wrong name or URL the module times out and boots its old
$ dfota-verify --rules lte-standard-a-1.5 --module EC200NCNLAR03A01M08 --image old.img --url 'https://192.0.2.2:443/A01-A02.mini_1' A01-A02.mini_1 | grep -E '^FAIL|verdict|rules'
verdict  accept
rules    lte-standard-a-1.5
$ # Another flash, where the module stops after the header; and the second file missing.
$ dfota-verify --module EC200NCNLAR03A01M08 --image new.img A01-A02.mini_1
pass  NAM-1       A01-A02.mini_1
pass  NAM-2       A01-A02.mini_2
pass  MOD-1       EC200N is listed in lte-standard-a-1.4
pass  MOD-2       EC200NCNLAR03A01M08 is updated by MiniFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-2       pass --max-size SIZE, if the module has a limit
pass  VFY-1       the header of the .mini_1 is right
pass  VFY-2       EC200NCNLA
pass  VFY-3       R03
pass  VFY-4       EC200NCNLAR03A01M08
FAIL  VFY-5       offset 232: the flash does not hold what the package was made
                  from (MIN-13)
warn  VFY-5       the image is already what the package makes
pass  VFY-6       both files are of one run
pass  VFY-7       all digests are right
pass  VFY-8       ... of 6553600 bytes
skip  VFY-9       needs the whole package and the right source
skip  VFY-10      pass --target FILE, what it must become

verdict  reject
code     506 (analogy)
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module already is where the package leads. Nothing is to be done.
[1]
$ mv A01-A02.mini_2 hidden
$ dfota-verify --module EC200NCNLAR03A01M08 --image old.img A01-A02.mini_1
pass  NAM-1       A01-A02.mini_1
FAIL  NAM-2       A01-A02.mini_2 is missing; both files must be on the server,
                  beside each other
pass  MOD-1       EC200N is listed in lte-standard-a-1.4
pass  MOD-2       EC200NCNLAR03A01M08 is updated by MiniFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-2       pass --max-size SIZE, if the module has a limit
pass  VFY-1       the header of the .mini_1 is right
pass  VFY-2       EC200NCNLA
pass  VFY-3       R03
pass  VFY-4       EC200NCNLAR03A01M08
pass  VFY-5       the CRC32 of all 2 regions
skip  VFY-7       there is no second file
pass  VFY-8       ... of 6553600 bytes
skip  VFY-9       needs the whole package and the right source
skip  VFY-10      pass --target FILE, what it must become

verdict  reject
code     the documents give none
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module ends in download mode and retries until it finds both files
         of one run (scene 4). Put both beside each other on the server.
[1]
$ # Packages of others: known by what they hold, but not what is in them.
$ mkdir -p META-INF/com/google/android; echo 'ui_print("hello");' > META-INF/com/google/android/updater-script
$ python3 -m zipfile -c x.zip META-INF/
$ dfota-verify --module EC200NCNLAR03A01M08 x.zip
pass  NAM-1       x.zip
pass  MOD-1       EC200N is listed in lte-standard-a-1.4
FAIL  MOD-2       EC200NCNLAR03A01M08 is updated by MiniFOTA, the package is
                  for DFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
skip  VFY-1       Android recovery package: not ours, so that name, URL and
                  size alone can be checked

verdict  reject
code     the documents give none
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The package is not for this module. Make one for the version that ATI
         reports, by the method that its model and flash size call for.
[1]
$ dfota-verify --module EC200ACNHAR01A02M16 --allow-skip x.zip
pass  NAM-1       x.zip
pass  MOD-1       EC200A is listed in lte-standard-a-1.4
pass  MOD-2       EC200ACNHAR01A02M16 is updated by DFOTA
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
skip  VFY-1       Android recovery package: not ours, so that name, URL and
                  size alone can be checked

verdict  incomplete
family   lte-standard-a
rules    lte-standard-a-1.4
advice   Nothing failed, but the package is of another make, and what is in it
         cannot be checked.
[1]
$ echo 'not a package' > y.bin
$ dfota-verify y.bin
pass  NAM-1       y.bin
skip  MOD-1       pass --module VERSION, what ATI reports
skip  CMD-1       pass --command LINE, what is to be sent
skip  URL-1       pass --url URL, where the package will be
skip  SPC-1       pass --free SIZE, what is free in the module's files
skip  SPC-2       pass --max-size SIZE, if the module has a limit
FAIL  VFY-1       neither a package of ours nor one that is known

verdict  reject
code     505 (documented)
URC      +QIND: "FOTA","END",505
family   lte-standard-a
rules    lte-standard-a-1.4
advice   The module refuses the package and keeps its old firmware. Make the
         package again, or copy it again from where it was made.
[1]
$ # What is asked for wrongly.
$ dfota-verify --rules lte-standard-b A02-A03.zip
dfota-verify: there is no such rule set: lte-standard-b (VFY-0)
[2]
$ dfota-verify --module EC200A A02-A03.zip
dfota-verify: there is no R<nn>A<nn> in the version string: "EC200A" (VER-2)
[1]
