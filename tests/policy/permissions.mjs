// Writes docs/PERMISSIONS.md: every call and every role, with the evaluator's verdict.
//
// `node permissions.mjs` writes the file, and a test compares it.

import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { CALLS, FUNCTIONS, OTHER_ROLES } from './calls.mjs'
import { ESCALATIONS } from './escalations.mjs'
import { DEPLOYMENTS, askForPhone } from './stack.mjs'
import { verdictOf } from './verdicts.mjs'

export const FILE = new URL('../../docs/PERMISSIONS.md', import.meta.url)

const [deployment] = DEPLOYMENTS
const ROLES = [...FUNCTIONS, ...OTHER_ROLES]
const WORDS = { Allowed: 'yes', ImplicitlyDenied: '-', ExplicitlyDenied: 'deny' }

const INTRODUCTION = `# Permissions

Which role of the stack may make which call. \`tests/policy\` takes the policies from the translated templates, puts
them before an IAM policy evaluator, and writes down its verdicts here (\`make permissions\`); \`make policy\` compares
this file with the verdicts, and tries the same in three partitions. It also goes through every action of the services
below and finds no other one open, and spoils each part of each policy to see that a table notices.

*yes* is allowed, *-* is allowed by nothing, *deny* is forbidden by a statement, whatever else would allow it.
`

const NOT_STOPPED = `## What permissions do not stop

- IAM checks a change of membership on the group alone. So a role that may fill the quarantine group may put a
  break-glass user into it. The functions never do: the user's path exempts.
- Who holds the role of a function may contain any other user, and all roles but that of sign-in may release anyone
  whom the stack contained. That is what they are for. CloudTrail has each of these calls, with the role's name.
- A text message may go to any number, and a message of any text to any user's topic.
- Reading is not narrowed to some users: whoever is exempt has to be seen to be exempt.
- The actions in other regions are those with which CloudFormation makes, changes and removes a rule and a queue.
  Whether StackSets wants more can only be seen in an account.
`

/** The whole file. */
export async function permissions() {
  const isOfFunction = (row) => row.by.some((role) => FUNCTIONS.includes(role))
  const parts = [
    INTRODUCTION,
    '## The calls of the functions\n',
    await rendered(CALLS.filter(isOfFunction), FUNCTIONS, [await textMessages(FUNCTIONS)]),
    '## The calls of the other roles\n',
    `\`SweepFunctionDailyRole\` starts the sweep by the schedule, \`forward\` brings sign-ins from other regions,
\`forward-admin\` and \`forward-exec\` deploy what they need there.\n`,
    await rendered(
      CALLS.filter((row) => row.by.some((role) => OTHER_ROLES.includes(role))),
      OTHER_ROLES,
      [],
    ),
    '## What nobody may\n',
    await rendered(ESCALATIONS, ROLES, []),
    NOT_STOPPED,
  ]
  return parts.join('\n')
}

async function rendered(rows, roles, more) {
  const head = ['to', 'call', 'on', 'with', ...roles]
  const lines = [head, head.map(() => '---')]
  for (const row of rows) {
    const cells = []
    for (const role of roles) cells.push(WORDS[await verdictOf(deployment, role, row)])
    lines.push([row.title, `\`${row.action}\``, row.target, shown(row.context), ...cells])
  }
  return [...lines, ...more].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

async function textMessages(roles) {
  const cells = []
  for (const role of roles) cells.push(WORDS[await askForPhone(deployment, role)])
  return ['tell a user by text message', '`sns:Publish`', 'a number', '', ...cells]
}

/** What comes with a call, shortened: values of tags say nothing, and of an ARN the last part says all. */
function shown(context) {
  const contexts = [typeof context === 'function' ? context(deployment) : (context ?? {})].flat()
  const texts = contexts.map((one) =>
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
    .split(':policy/')
    .pop()
    .replace(/-1ABCDEF2GHIJ/, '')
  return value.includes(`:${deployment.account}:`) ? name : `${value.split(':')[4]}'s ${name}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(FILE, await permissions())
}
