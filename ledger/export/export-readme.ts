/** What stands in an export's folder for whoever opens it. */
export const EXPORT_README = `An export of a Filter Ledger, with the proof of its rows.

  export.csv (or export.ndjson)   the rows; the last column is the exact text that was hashed
  checkpoint                      the ledger's signed head (C2SP tlog-checkpoint)
  tile/ or multiproof             the hashes that lead from each row to that head
  manifest.json                   the ledger's own entry about this export, with the hash of the rows' file
  manifest.tlog-proof             the proof of that entry (C2SP tlog-proof)
  verifier-keys                   the public keys of the ledger
  consistency/                    proofs that the ledger goes on from checkpoints that you kept
  verify.mjs                      checks all of this; one file, no dependency, no network. It came from the operator:
                                  read it, or use a copy of your own

To check it (Node.js 20 or later):

  node verify.mjs . --vkey "the key that the operator gave you by another way"

Without --vkey the keys of this folder are used: then compare the key that is printed with one that you got
by another way. Keep the file 'checkpoint': with --old it shows at the next export that the ledger only grew.

A spreadsheet program changes a CSV when it saves it. Work on a copy.

A filtered export proves that its rows are in the ledger, not that no matching row was left out. An export of
a range of indexes proves both.
`
