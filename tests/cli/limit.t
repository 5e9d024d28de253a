A limit of address space, which a sanitizer would take all of for itself.

$ # Five partitions, one of 24 MB, under the address space that the man pages state.
$ $TESTDATA/../bench/folder --size 24 --memory 72 $TESTDATA/pairs
mkdelta      limit   464 MiB, resident ... MiB, ... s
dfota-verify limit   ... MiB, resident ... MiB, ... s
dfota-apply  limit   ... MiB, resident ... MiB, ... s
package      ... bytes
