/**
 * The example of c2sp.org/tlog-proof (C2SP/C2SP, tlog-proof.md at commit 0065ea5b716154a2dd48508e3f905012a16ce5e9),
 * without its three witness lines. It shortens the signatures, so it shows the form alone.
 */
export const EXAMPLE_PROOF = `c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

\u2014 example.com/fancylog hI2DJw[...]1roloI=
`

const HASH = Buffer.alloc(32, 7).toString('base64')

/**
 * github.com/transparency-dev/formats, proof/tlog_proof_test.go at commit 1a07eea5c85e02a7b2b69b7c1638f6c139184645:
 * `TestMarshal` (hashes of other bytes here) and what `TestUnmarshalErrors` refuses. The leading zero is ours, from
 * the specification's text.
 */
export const GOOD_PROOFS = [
  { index: 5, hashes: 2, text: `c2sp.org/tlog-proof@v1\nindex 5\n${HASH}\n${HASH}\n\ntest checkpoint\n` },
  {
    index: 10,
    hashes: 1,
    text: `c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n${HASH}\n\ncheckpoint data\n`,
  },
  { index: 0, hashes: 0, text: 'c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n' },
]
export const BAD_PROOFS: readonly (readonly [string, string])[] = [
  ['another header', 'wrong-header\nindex 0\n\ncheckpoint\n'],
  ['no index', 'c2sp.org/tlog-proof@v1\n\n\ncheckpoint\n'],
  ['an index that is no number', 'c2sp.org/tlog-proof@v1\nindex notanumber\n\ncheckpoint\n'],
  ['a negative index', 'c2sp.org/tlog-proof@v1\nindex -5\n\ncheckpoint\n'],
  ['an index with a leading zero', 'c2sp.org/tlog-proof@v1\nindex 05\n\ncheckpoint\n'],
  ['a hash that is not base 64', 'c2sp.org/tlog-proof@v1\nindex 0\n!!notbase64!!\n\ncheckpoint\n'],
  [
    'a hash of 64 bytes',
    `c2sp.org/tlog-proof@v1\nindex 0\n${Buffer.alloc(64).toString('base64')}\n\ncheckpoint\n`,
  ],
  ['no empty line', `c2sp.org/tlog-proof@v1\nindex 0\n${'a'.repeat(66_560)}\n`],
]
export const BAD_EXTRA = 'c2sp.org/tlog-proof@v1\nextra !!notbase64!!\nindex 0\n\ncheckpoint\n'
