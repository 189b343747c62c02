// Fills the tables of docs/PERMISSIONS.md: every call and every role, with the evaluator's verdict.
//
// `node permissions.mjs` writes the file, and a test compares it. The text around the tables is written by hand.

import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import * as hubs from './hubs.mjs'
import * as members from './members.mjs'
import { CALLS, ESCALATIONS, FUNCTIONS, OTHER_ROLES, ROLES } from './role-table.mjs'
import { evaluate } from './simulate.mjs'
import { ROOT, STACKS, roleRequests } from './stacks.mjs'
import { contextsOf } from './tables.mjs'

const FILE = new URL('docs/PERMISSIONS.md', ROOT)
const [stack] = STACKS
const [member] = members.MEMBERS
const [hub] = hubs.HUBS
const WORDS = { Allowed: 'yes', ImplicitlyDenied: '-', ExplicitlyDenied: 'deny' }

/** The file as it is, and as it should be. */
export async function permissions() {
  const by = (roles) => CALLS.filter((row) => row.by.some((role) => roles.includes(role)))
  const tables = [
    await rendered(by(FUNCTIONS), FUNCTIONS),
    await rendered(by(OTHER_ROLES), OTHER_ROLES),
    await rendered(ESCALATIONS, ROLES),
    await assumptions(),
    await rendered(members.CALLS, members.MEMBER_ROLES, member),
    await rendered(members.ESCALATIONS, members.MEMBER_ROLES, member),
    await inSessions(),
    byEvent(),
    await rendered(hubs.CALLS, FUNCTIONS, hub),
    await rendered(hubs.ESCALATIONS, hubs.HUB_ROLES, hub),
  ]
  const written = await readFile(FILE, 'utf8')
  return { written, expected: written.replace(/(^\|.*\n)+/gm, () => tables.shift()) }
}

/** Which functions of the hub may become which role of a member. */
async function assumptions() {
  const lines = [['', ...FUNCTIONS], ['', ...FUNCTIONS].map(() => '---')]
  for (const role of members.MEMBER_ROLES) {
    const callers = FUNCTIONS.map((name) => members.assumption(member, role, { caller: member.hub.roles[name] }))
    const verdicts = await Promise.all(callers.map(({ policies, request }) => evaluate(policies, request)))
    lines.push([role, ...verdicts.map((verdict) => WORDS[verdict])])
  }
  return table(lines)
}

/** What is left of the roles of a member in the sessions about one user, all of them together. */
async function inSessions() {
  const { sessions } = members.CONTRACT_OF_SESSIONS
  const roles = members.MEMBER_ROLES.filter((role) => sessions.some((one) => one.role === role && one.user === 'alice'))
  const head = ['to', 'call', 'on', ...roles]
  const lines = [head, head.map(() => '---')]
  const [own, other] = ['alice', 'bob'].map((name) => [members.userOf(member, '/', name)])
  for (const row of members.CALLS) {
    const verdicts = roles.map(async (role) => {
      if (!(await isLeft(row, role, own))) return '-'
      return !members.isAboutAnyUser(row) || (await isLeft(row, role, other)) ? 'yes' : 'the user'
    })
    const cells = await Promise.all(verdicts)
    if (cells.some((cell) => cell !== '-')) lines.push([row.title, `\`${row.action}\``, row.target, ...cells])
  }
  return table(lines)
}

/** Whether some session of this role about alice may make the call about these users. */
async function isLeft(row, role, users) {
  const sessions = members.CONTRACT_OF_SESSIONS.sessions.filter((one) => one.role === role && one.user === 'alice')
  const requests = members.requestsAbout(member, row, role, users)
  for (const { policy } of sessions.filter(({ calls }) => calls.includes(row.action))) {
    const verdicts = requests.map((request) => {
      const call = members.callInSession(member, role, policy, request)
      return evaluate(call.policies, call.request)
    })
    if ((await Promise.all(verdicts)).every((verdict) => verdict === 'Allowed')) return true
  }
  return false
}

/** What the sessions because of an event can change, in each mode. Events that can change the same are in one row. */
function byEvent() {
  const modes = ['enforce', 'notify', 'observe']
  const rows = new Map()
  for (const [event, changes] of Object.entries(members.CONTRACT_OF_SESSIONS.changes)) {
    const cells = modes.map((mode) => changes[mode].map((call) => `\`${call}\``).join(', ') || '-').join(' | ')
    rows.set(cells, [...(rows.get(cells) ?? []), EVENTS[event] ?? `\`${event}\``])
  }
  const head = ['because of', ...modes.map((mode) => `in \`${mode}\``)]
  return table([head, head.map(() => '---'), ...[...rows].map(([cells, events]) => [events.join(', '), cells])])
}

/** What is no event of one name. */
const EVENTS = {
  mail: 'mail that does not arrive',
  root: 'whatever root does',
  quarantine: 'whatever is done to a policy or a group of the quarantine',
}

const table = (lines) => lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')

async function rendered(rows, roles, where = stack) {
  const head = ['to', 'call', 'on', 'with', ...roles]
  const lines = [head, head.map(() => '---')]
  for (const row of rows) {
    const verdicts = await Promise.all(roles.map((role) => verdictOf(where, role, row)))
    lines.push([row.title, `\`${row.action}\``, row.target, shown(where, row.context), ...verdicts])
  }
  return table(lines)
}

/** The one verdict on a row. Where its requests get different ones, the row says too little. */
async function verdictOf(where, role, row) {
  const verdicts = roleRequests(where, role, row).map(({ policies, request }) => evaluate(policies, request))
  const [verdict, ...others] = new Set(await Promise.all(verdicts))
  if (others.length > 0) throw new Error(`${role}: \`${row.action}\` on ${row.target} gets ${[verdict, ...others]}`)
  return WORDS[verdict]
}

/** What comes with a call, shortened: the values of tags say nothing, and the last part of an ARN says all. */
function shown(where, context) {
  const texts = contextsOf(context, where).map((one) =>
    Object.entries(one)
      .filter(([key]) => !key.startsWith('aws:RequestTag/') && key !== 'sns:Endpoint')
      .map(([key, value]) => `\`${key}\` ${[value].flat().map(short).join(' + ')}`)
      .join(', '),
  )
  return [...new Set(texts)].join(' or ')
}

function short(value) {
  if (!value.startsWith('arn:')) return value
  const name = value
    .replace(/^.*:policy\//, '')
    .replace(/-1ABCDEF2GHIJ/, '')
    .replace(/StackSet-.*-(?=\w+$)/, '')
  return value.includes(`:${stack.account}:`) ? name : `${value.split(':')[4]}'s ${name}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(FILE, (await permissions()).expected)
}
