// Reads the tables in requests/: what is called, on what, and with what.
//
// The first row of a file names its columns, and a line that ends with a colon begins a section. A line that begins
// with spaces continues a row. A row with several actions stands for several rows.

import { readFile } from 'node:fs/promises'

/** The rows of a file, by section. */
export async function readTable(name) {
  const text = await readFile(new URL(`requests/${name}.txt`, import.meta.url), 'utf8')
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\n +/g, ' ')
    .split('\n')
    .filter(Boolean)
  const [columns, ...rows] = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  const sections = {}
  let section
  for (const cells of rows) {
    if (cells.length === 1) sections[cells[0].slice(0, -1)] = section = []
    else section.push(...rowsOf(Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))))
  }
  return sections
}

/** `iam:GetUser GetGroup` stands for two rows. */
function rowsOf(row) {
  if (row.action === undefined) return [row]
  const [service] = row.action.split(':')
  return row.action
    .split(' ')
    .map((action) => ({ ...row, action: action.includes(':') ? action : `${service}:${action}` }))
}

/** The requests of a row, in a stack: on each of its targets, with each of its contexts. */
export function requestsOf(row, stack, caller) {
  return targetsOf(row.target, stack, caller).flatMap((resource) =>
    contextsOf(row.context, stack).map((context) => ({
      action: row.action,
      resource,
      context: { ...ofS3(row.action, stack), ...context },
    })),
  )
}

/** S3 says whose the bucket is. Its ARN does not. */
const ofS3 = (action, { account }) =>
  /^s3:(Put|Get|List|Delete)(Object|Bucket($|Versions))/.test(action) ? { 's3:ResourceAccount': account } : {}

/** `tags a or untag b` stands for two contexts, `via sns & unencrypted` for one with both. */
export function contextsOf(text = '', stack) {
  return text
    .split(' or ')
    .flatMap((one) =>
      one
        .split(' & ')
        .reduce(
          (contexts, part) =>
            contexts.flatMap((context) => contextOf(part, stack).map((more) => ({ ...context, ...more }))),
          [{}],
        ),
    )
}

function contextOf(text, stack) {
  const [kind, ...words] = text.split(' ')
  return kind ? [CONTEXTS[kind](stack, ...words)].flat() : [{}]
}

/** `:notified/:alerted email` stands for two lists of tags. A colon stands for the prefix of the enforcer's tags. */
const listsOf = (first, ...rest) =>
  first.split('/').map((key) => [key, ...rest].map((one) => one.replace(/^:/, 'mfa-enforcer:')))

const CONTEXTS = {
  tags: (_, ...words) =>
    listsOf(...words).map((keys) => ({
      'aws:TagKeys': keys,
      ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, 'value'])),
    })),
  untag: (_, ...words) => listsOf(...words).map((keys) => ({ 'aws:TagKeys': keys })),
  policy: (stack, ...target) => targetsOf(target.join(' '), stack).map((arn) => ({ 'iam:PolicyARN': arn })),
  subscribing: (_, protocol, endpoint) => ({ 'sns:Protocol': protocol, 'sns:Endpoint': endpoint }),
  // Services in China may go by either name, so both have to work.
  via: ({ region, urlSuffix }, service) =>
    ['amazonaws.com', urlSuffix].map((suffix) => ({ 'kms:ViaService': `${service}.${region}.${suffix}` })),
  event: (_, source, type) => ({ ...SOURCES[source], ...TYPES[type] }),
  listing: (_, prefix) => ({ 's3:prefix': prefix }),
  organization: ({ organization }, whose) => ({
    'aws:ResourceOrgID': { ours: organization, others: 'o-zzzzzzzzzz' }[whose],
  }),
  elsewhere: () => ({ 's3:ResourceAccount': '444455556666' }),
  of: (stack, ...target) => targetsOf(target.join(' '), stack).map((arn) => ({ 'lambda:FunctionArn': arn })),
  passing: (_, service) => ({ 'iam:PassedToService': `${service}.amazonaws.com` }),
  passkey: (_, step) => ({
    'iam:RegisterSecurityKey': step,
    'iam:FIDO-FIPS-140-2-certification': 'None',
    'iam:FIDO-certification': 'L1',
  }),
  mail: ({ mailFrom, mailDomains: [domain, other = domain] }, from, to) => ({
    'ses:FromAddress': { ours: mailFrom, others: `ceo@${domain}` }[from],
    ...RECIPIENTS[to]?.(domain, other),
  }),
  unencrypted: () => ({ 'aws:SecureTransport': 'false' }),
  // A service says for which resource it acts.
  for: (stack, ...target) =>
    targetsOf(target.join(' '), stack).map((arn) => ({ 'aws:SourceAccount': arn.split(':')[4], 'aws:SourceArn': arn })),
}

// What a request to put events says; with `none` it says nothing.
const SOURCES = {
  ours: { 'events:source': ['mfa-enforcer'] },
  others: { 'events:source': ['payments'] },
  theirs: { 'events:source': ['aws.iam'] },
  mixed: { 'events:source': ['mfa-enforcer', 'payments'] },
}
const TYPES = {
  ours: { 'events:detail-type': ['Account Change', 'Detection Finding'] },
  others: { 'events:detail-type': ['AWS API Call via CloudTrail'] },
  mixed: { 'events:detail-type': ['Account Change', 'AWS API Call via CloudTrail'] },
}

const RECIPIENTS = {
  ours: (domain, other) => ({ 'ses:Recipients': [`lee@${domain}`, `kim@${other}`] }),
  strangers: (domain) => ({ 'ses:Recipients': [`lee@x${domain}`, `lee@${domain}.example.net`] }),
  both: (domain) => ({ 'ses:Recipients': [`lee@${domain}`, 'lee@example.net'] }),
}

const TARGETS = new Map((await readTable('targets')).targets.map(({ words, arns }) => [words, arns]))

/** The ARNs of a target: words from requests/targets.txt, words that depend on the caller, or short ARNs. */
export function targetsOf(target, stack, caller) {
  if (target in OF_CALLER) return [OF_CALLER[target](stack, caller)].flat()
  const parts = (TARGETS.get(target) ?? target).split(' ')
  return parts.flatMap((part) => (TARGETS.has(part) ? targetsOf(part, stack) : arnOf(part, stack)))
}

function arnOf(short, stack) {
  if (/^(\*|\+|arn:)/.test(short)) return short
  const [, id, rest] = short.match(/^@(\w+)(.*)$/) ?? []
  if (id) return `${stack.arns[id]}${rest}`
  const name = (id) => stack[id] ?? stack.arns[id].split(/[/:]/).pop()
  const [service, place, ...parts] = short.replace(/<(\w+)>/g, (_, id) => name(id)).split(':')
  const where = {
    '': `:${stack.account}`,
    here: `${stack.region}:${stack.account}`,
    there: `${stack.elsewhere?.region}:${stack.account}`,
    foreign: `${service === 'iam' ? '' : stack.region}:444455556666`,
    aws: ':aws',
    none: ':',
  }
  return `arn:${stack.partition}:${service}:${where[place]}:${parts.join(':')}`
}

const LOGS = {
  'sign-in': 'SignInLogs',
  'user-lifecycle': 'UserLifecycleLogs',
  'mfa-device': 'MfaDeviceLogs',
  guard: 'GuardLogs',
  sweep: 'SweepLogs',
}
const STREAM = ':log-stream:2026/11/24/[$LATEST]0a1b2c'
const user = (stack, path, name) => arnOf(`iam::user${path}${name}`, stack)

// These depend on the caller: a user, or the name of a role of the stack.
const OF_CALLER = {
  oneself: (_, me) => me.arn,
  'the own device': (stack, me) => arnOf(`iam::mfa/${me.name}`, stack),
  // Some look much like the caller.
  'other users': (stack, { name, path }) => [
    ...['/', path, `/${name}/`].map((path) => user(stack, path, 'mallory')),
    ...[`x${name}`, `${name}x`].map((name) => user(stack, path, name)),
  ],
  'any user': (stack) => [
    user(stack, '/', 'alice'),
    user(stack, '/engineering/eu/', 'lee.o+ops=1,2@example.com'),
    // Almost a break-glass user.
    user(stack, stack.breakGlassPath.replace(/\/$/, 'y/'), 'alice'),
    user(stack, '/', stack.breakGlassPath.split('/')[1]),
  ],
  'the own role': ({ roles }, me) => roles[me].arn,
  'any role of the stack': ({ roles }) => Object.values(roles).map(({ arn }) => arn),
  'the own log': ({ arns }, me) => arns[LOGS[me] ?? 'SignInLogs'] + STREAM,
  "another function's log": ({ arns }, me) =>
    Object.keys(LOGS)
      .filter((name) => name !== me)
      .map((name) => arns[LOGS[name]] + STREAM),
  'any log': (stack) =>
    [...Object.values(LOGS).map((id) => `@${id}`), 'logs:here:log-group:audit'].map(
      (log) => arnOf(log, stack) + STREAM,
    ),
  'every alarm': ({ arns }) => Object.values(arns).filter((arn) => arn.includes(':alarm:')),
}
