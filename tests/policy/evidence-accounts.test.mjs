// What accounts with a stack of their own can do in the bucket of a hub, and what the others of the organization can.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { HUBS } from './hubs.mjs'
import { FUNCTIONS } from './role-table.mjs'
import { EVERYTHING } from './simulate.mjs'

const GUEST = '777788889999'
/** The other account that the hub lets in, and one of the organization that it does not. */
const OTHER_GUEST = '555566667777'
const MEMBER = '123456789012'
const TAKING = HUBS.filter(({ guest }) => guest)
const IF_NONE = { 's3:if-none-match': '*' }

const below = (account) => [
  `evidence/${account}/2026/11/27/acts/x.json`,
  `evidence/${account}/2026/11/27/20261127T060000123Z-x/record.json`,
]
/** What nobody but the hub has to do with. */
const ELSEWHERE = [
  ...below(MEMBER),
  ...below(OTHER_GUEST),
  `evidence/${GUEST}/reviews/2026-Q4/20261231T000000Z.json`,
  `evidence/${GUEST}/x.json`,
  `evidence/x${GUEST}/2026/11/27/acts/x.json`,
  'evidence/2026/11/27/acts/x.json',
  `organization/${GUEST}/2026.json`,
  'organization/settings.yaml',
  `organization/ledger/${GUEST}.json`,
  'organization/brakes/2026-11-27T06/1',
]
const PREFIXES = [
  '',
  'evidence/',
  `evidence/${MEMBER}/`,
  `evidence/${OTHER_GUEST}/`,
  'organization/',
  `evidence/${GUEST}`,
]

/** Mutants in which nothing changes, and why. */
const IDLE = {
  'has BoolIfExists instead of Bool in OnlyEncryptedOnTheWay': 'AWS says of every request whether it is encrypted',
  'adds s3:* in Action of AccountsAddOwnEvidence': 'no other call says that nothing may be there yet',
}
/** The policy of a bucket that lets everybody do everything, so that the caller's own policies decide. */
const OPEN = { ...EVERYTHING, Statement: [{ ...EVERYTHING.Statement[0], Principal: '*' }] }

const bucketOf = (hub) => `arn:${hub.partition}:s3:::${hub.bucket}`

/** A call of somebody with these policies on the bucket of the hub. */
function call(hub, { account = GUEST, identity = [EVERYTHING], key, principal, context, door, ...more }) {
  const { bucket = bucketOf(hub), organization = hub.organization, secure = 'true', expected = 'Denied', action } = more
  return {
    policies: { identity, resource: door ?? hub.resourcePolicies[bucket] },
    request: {
      principal: principal ?? `arn:${hub.partition}:sts::${account}:assumed-role/admin/session`,
      account,
      owner: hub.account,
      action,
      resource: key === undefined ? bucket : `${bucket}/${key}`,
      context: {
        'aws:SecureTransport': secure,
        'aws:PrincipalAccount': account,
        ...(organization && { 'aws:PrincipalOrgID': organization }),
        's3:ResourceAccount': hub.account,
        ...context,
      },
    },
    expected,
  }
}

const put = (key) => ({ action: 's3:PutObject', key, context: IF_NONE })
const get = (key) => ({ action: 's3:GetObject', key })
const list = (prefix) => ({ action: 's3:ListBucket', context: { 's3:prefix': prefix } })

/** What an account may do there whose people may do everything at home. */
const ofAccounts = (hub) =>
  [GUEST, OTHER_GUEST].flatMap((account) =>
    [
      ...below(account).flatMap((key) => [put(key), get(key)]),
      list(`evidence/${account}/`),
      list(`evidence/${account}/2`),
    ]
      .flatMap((one) => [
        { ...one, expected: 'Allowed' },
        { ...one, organization: 'o-zzzzzzzzzz' },
        { ...one, organization: '' },
        { ...one, secure: 'false', expected: 'ExplicitlyDenied' },
      ])
      .map((one) => call(hub, { ...one, account })),
  )

const [OWN] = below(GUEST)
/** What nobody may who is no administrator of the hub's account. */
const REFUSED = [
  ...ELSEWHERE.flatMap((key) => [put(key), get(key)]),
  ...PREFIXES.map(list),
  { action: 's3:ListBucket' },
  { action: 's3:ListBucketVersions', context: { 's3:prefix': `evidence/${GUEST}/` } },
  ...[
    ...['DeleteObject', 'DeleteObjectVersion', 'GetObjectVersion', 'PutObjectAcl', 'PutObjectTagging'],
    ...['PutObjectRetention', 'PutObjectLegalHold', 'BypassGovernanceRetention'],
  ].map((name) => ({ action: `s3:${name}`, key: OWN })),
  ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutLifecycleConfiguration', 'DeleteBucket'].map((name) => ({
    action: `s3:${name}`,
  })),
]

/** What an account may not. */
const refused = (hub) => [{ action: 's3:PutObject', key: OWN }, ...REFUSED].map((one) => call(hub, one))

/** What an account that is not named may do: nothing, not even below its own number. */
const ofOthers = (hub) =>
  [...below(MEMBER).flatMap((key) => [put(key), get(key)]), list(`evidence/${MEMBER}/`)].map((one) =>
    call(hub, { ...one, account: MEMBER }),
  )

/** What the functions of the stack there do in the bucket of the hub, or in one with another policy. */
const ofFunctions = (hub, door) =>
  FUNCTIONS.flatMap((name) => {
    const { arn, policies } = hub.guest.roles[name]
    const principal = `${arn.replace(':iam:', ':sts:').replace(/:role\/(.*\/)?/, ':assumed-role/')}/session`
    const identity = policies.map(({ policy }) => policy)
    const ofSweep = name === 'sweep' ? 'Allowed' : 'Denied'
    const foreign = { 's3:ResourceAccount': '444455556666' }
    return [
      ...below(GUEST).flatMap((key) => [
        { ...put(key), expected: 'Allowed' },
        { ...put(key), context: { ...IF_NONE, ...foreign } },
        { ...get(key), expected: ofSweep },
        { ...get(key), context: foreign },
      ]),
      { ...list(`evidence/${GUEST}/`), expected: ofSweep },
      { action: 's3:ListBucket', context: { 's3:prefix': `evidence/${GUEST}/`, ...foreign } },
      { ...list(`evidence/${GUEST}/`), bucket: `${bucketOf(hub)}-of-others` },
      ...REFUSED,
    ].map((one) => call(hub, { ...one, principal, identity, door }))
  })

it('two hubs let other accounts in', () => assert.equal(TAKING.length, 2))

for (const hub of TAKING) {
  describe(`in the bucket of the hub ${hub.title}`, () => {
    checks('accounts that are named add, read and list what is below their own number', ofAccounts(hub))
    checks('they do nothing else', refused(hub))
    checks('other accounts of the organization do nothing', ofOthers(hub))
    checks('the functions of such an account keep records and find the one before', ofFunctions(hub))
    checks('they do nothing else, even if the bucket lets them', ofFunctions(hub, OPEN))
    const replacements = [
      [/2\*$/, '*'],
      [/\$\{aws:PrincipalAccount\}/, '*'],
    ]
    checksThatMutantsAreNoticed(
      'the policy of the bucket',
      hub.resourcePolicies[bucketOf(hub)],
      [...ofAccounts(hub), ...refused(hub), ...ofOthers(hub)],
      { replacements, idle: IDLE },
    )
    for (const { name, policy } of hub.guest.roles.sweep.policies) {
      if (!['EvidencePolicy', 'find-the-record-before'].includes(name)) continue
      checksThatMutantsAreNoticed(`${name} of the account`, policy, ofFunctions(hub, OPEN))
    }
  })
}
