What --help and --version print, all of it from the tables that parse.

$ mkdelta --help
Usage: mkdelta [options] OLD NEW -o OUT
Make the delta package that turns the firmware image OLD into NEW, and apply it
once to see that it does.

Operands:
  OLD                 image that the modules run now; for RG and RM modules a
                      folder of partition images: modem, system, boot, sbl and
                      tz, with any extension
  NEW                 what they are to run, likewise

Options:
  -o OUT              the package's name; for a DFOTA package .zip is appended
                      unless OUT ends in .zip or .bin; for MiniFOTA OUT.mini_1
                      and OUT.mini_2 are written
      --type auto|dfota|mini|bsdiff
                      the kind of package: DFOTA, MiniFOTA, or a plain BSDIFF40
                      patch [auto: by model and flash size in the version]
      --from VERSION  firmware version of OLD [the only one found in it]
      --to VERSION    firmware version of NEW [the only one found in it]
      --layout FILE   flash layout in JSON [layout.json beside NEW, if there]
      --ram SIZE      bytes of memory that the module has for patching, such as
                      64K or 8M [64M for RG and RM modules, otherwise 256K]
      --memory SIZE   bytes of memory that making the package may take; where
                      more would be of use, the package is larger and there is
                      a warning [no bound]
      --codec auto|stored|zlib|lzma|mixed
                      how deltas, and the frames of MiniFOTA, are compressed
                      [auto: whatever makes the smallest within the memory]
      --allow-same    make a package though both images are the same
      --force-project
                      make a package though OLD and NEW are of different
                      projects
  -j N                threads to work with; the package does not depend on it
                      [one a processor]
      --json          print one JSON object instead of text
  -q                  print nothing but errors, and the object of --json
  -v                  print the digests of package and images too
      --help          print this help and exit
      --version       print the version and exit

Exit status:
  0  done or accepted
  1  the input is refused or rejected
  2  wrong usage
  3  the machine failed; nothing is known about the input

Examples:
  mkdelta A01.bin A02.bin -o A01-A02.zip
  mkdelta --layout layout.json A01.img A02.img -o A01-A02
  mkdelta A01_folder A02_folder -o A01-A02.zip
  mkdelta --type bsdiff A01.bin A02.bin -o A01-A02.patch
$ mkdelta --version
mkdelta (dfota) ...
$ dfota-verify --help
Usage: dfota-verify [options] PACKAGE
Say what a module would say to the package, before anything is uploaded. A
verdict is accept, reject, or incomplete when nothing failed but something
could not be checked.

Operands:
  PACKAGE             the package to be uploaded

Options:
      --module VERSION
                      the version that the module's ATI reports
      --image FILE    what is flashed now, a file or a folder of partition
                      images: checks it as the module does, and applies the
                      package to it on trial
      --target FILE   what it must become, likewise
      --url URL       where the module is to fetch the package
      --command LINE  the whole AT+QFOTADL line that is to be sent
      --free SIZE     bytes free in the module's files
      --max-size SIZE
                      bytes that a package for this module may have
      --rules NAME    rule set: lte-standard-a-1.4, lte-standard-a-1.5 or
                      rg50x-rm5xx-1.1 [the family's newest with an official
                      source]
      --allow-skip    accept although identity or source was not checked
      --json          print one JSON object instead of text
      --help          print this help and exit
      --version       print the version and exit

Exit status:
  0  done or accepted
  1  the input is refused or rejected
  2  wrong usage
  3  the machine failed; nothing is known about the input

Examples:
  dfota-verify --image A01.bin A01-A02.zip
  dfota-verify --image A01.bin --target A02.bin --json A01-A02.zip
  dfota-verify --module EC200NCNLAR03A01M08 --image A01.img A01-A02.mini_1
$ dfota-verify --version
dfota-verify (dfota) ...
$ dfota-apply --help
Usage: dfota-apply [options] PACKAGE OLD -o NEW
Make the new image from the old one, with the module's own applier and within
the memory that the package states.

Operands:
  PACKAGE             a DFOTA package, the .mini_1 of MiniFOTA with its .mini_2
                      beside it, or a BSDIFF40 patch
  OLD                 the image that it was made for: of the whole flash, if it
                      was made with a layout, or the folder of partition
                      images, if it was made from folders

Options:
  -o NEW              the name of the new image, or of the new folder
      --json          print one JSON object instead of text
  -q                  print nothing but errors, and the object of --json
      --help          print this help and exit
      --version       print the version and exit

Exit status:
  0  done or accepted
  1  the input is refused or rejected
  2  wrong usage
  3  the machine failed; nothing is known about the input

Examples:
  dfota-apply A01-A02.zip A01.bin -o A02.bin
  dfota-apply A01-A02.zip A01_folder -o A02_folder
  dfota-apply A01-A02.mini_1 A01.img -o A02.img
$ dfota-apply --version
dfota-apply (dfota) ...
$ dfota-info --help
Usage: dfota-info [options] FILE
Say what a file is and what it holds.

Operands:
  FILE                a package or delta, ours or by its magic another's

Options:
      --explain       say how each delta is coded and which images it belongs
                      to, and with --old what it does
      --old FILE      the old image, to count what a delta does; implies
                      --explain
      --json          print one JSON object instead of text
      --help          print this help and exit
      --version       print the version and exit

Exit status:
  0  done or accepted
  1  the input is refused or rejected
  2  wrong usage
  3  the machine failed; nothing is known about the input

Examples:
  dfota-info A01-A02.zip
  dfota-info --explain --old A01.bin A01-A02.zip
$ dfota-info --version
dfota-info (dfota) ...
$ dfota-module --help
Usage: dfota-module [options] --flash FILE|FOLDER
Be a module: take AT commands, fetch packages from real servers, check them,
and flash a file. Killing the process is a power cut, starting it again is
switching on.

Options:
      --module VERSION
                      the version that ATI reports, until an upgrade; needed
                      once, the state remembers it
      --flash FILE|FOLDER
                      the image that is flashed, of RG and RM modules also a
                      folder of partition images; an upgrade replaces it
      --state FOLDER  where everything is that lasts without power [FILE.state]
      --port PORT     where the host is: pty, stdio or tcp:HOST:PORT [pty]
      --link NAME     a symbolic link to the pseudo-terminal
      --fast          wait half a percent of the time
      --steps each|tens|twenties|twelfths
                      how UPDATING counts under DFOTA [each]
      --quirk LIST    habits that no document describes, with commas between:
                      coalesce, junk, httpsstart, end-before-start,
                      vendor-power-loss
      --seed N        chooses what is random [1]
      --trace FILE    append what happens, one JSON object a line
      --cut-at EVENT  cut the power at an event of the trace, or at one with a
                      text, as in 'urc:"START"'
      --cut-after N   cut the power within the N-th operation of the flash
      --flash-error N[+]
                      let the N-th operation of the flash fail; with +, all
                      from there on
      --network-loss BYTES:SECONDS
                      have no network for SECONDS, once BYTES have been
                      fetched, or a random number FROM-TO of them; several with
                      commas between
      --resolve HOST:PORT:ADDRESS[:PORT]
                      where the server of that name and port really is
      --cacert FILE   the certificates that HTTPS trusts, in PEM [the system's]
      --ufs SIZE      bytes of the module's own file system [8M; RG and RM
                      256M]
      --rules NAME    rule set: lte-standard-a-1.4, lte-standard-a-1.5 or
                      rg50x-rm5xx-1.1 [the family's newest official one]
      --help          print this help and exit
      --version       print the version and exit

Exit status:
  0  done or accepted
  1  the input is refused or rejected
  2  wrong usage
  3  the machine failed; nothing is known about the input

Examples:
  dfota-module --module EC200ACNHAR01A02M16 --flash A02.bin
  dfota-module --module EC200NCNLAR03A01M08 --flash A01.img --link modem
  socat - ./modem,raw,echo=0,crnl
$ dfota-module --version
dfota-module (dfota) ...
