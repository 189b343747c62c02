// What somebody may do who imports evidence into the bucket of a hub, and what not.

import { describe } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { policyFile } from './stacks.mjs'

const POLICY = await policyFile('org-import.json')
const CONTROL = await policyFile('protect-quarantine.scp.json')
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc']
const HUB = '999988887777'
const ELSEWHERE = '777788889999'
const BUCKET = 'mfa-enforcer-evidencebucket-1a2b3c4d5e6f'
const TREE = 'organization/tree.json'
const IF_NONE = { 's3:if-none-match': '*' }
const RECORD = `evidence/${ELSEWHERE}/2026/11/27/20261127T060000123Z-x/record.json`
const REVIEW = `evidence/${ELSEWHERE}/reviews/2026-Q4/20261231T000000Z.json`

/** The policy of a bucket of somebody else, which lets everybody do everything. */
const OPEN = { ...EVERYTHING, Statement: [{ ...EVERYTHING.Statement[0], Principal: '*' }] }
/** A mutant in which nothing changes, and why. */
const IDLE = { 'adds s3:* in Action of AddRecords': 'no other call says that nothing may be there yet' }

const put = (key, context = IF_NONE) => ({ action: 's3:PutObject', key, context })
const get = (key) => ({ action: 's3:GetObject', key })
const list = (prefix) => ({ action: 's3:ListBucket', context: { 's3:prefix': prefix } })

/** What an import does. */
const DONE = [
  put(RECORD),
  put(`evidence/${ELSEWHERE}/2026/11/27/acts/x.json`),
  ...[RECORD, REVIEW, TREE].map(get),
  ...[`evidence/${ELSEWHERE}/`, TREE].map(list),
]
/** What it does not need. */
const REFUSED = [
  put(RECORD, {}),
  ...[REVIEW, TREE, `evidence/${ELSEWHERE}/x.json`, `evidence/x${ELSEWHERE}/2026/x.json`, '2026/x.json'].map((key) =>
    put(key),
  ),
  ...['organization/settings.yaml', `organization/ledger/${ELSEWHERE}.json`, 'evidence/x.json'].map(get),
  ...['', 'evidence/', 'organization/', `evidence/${ELSEWHERE}`].map(list),
  { action: 's3:ListBucket' },
  { action: 's3:ListBucketVersions', context: { 's3:prefix': `evidence/${ELSEWHERE}/` } },
  ...['DeleteObject', 'GetObjectVersion', 'PutObjectAcl', 'PutObjectTagging', 'PutObjectRetention'].map((name) => ({
    action: `s3:${name}`,
    key: RECORD,
  })),
  { action: 's3:PutBucketPolicy' },
]

function call(partition, { action, key, context, bucket = BUCKET, owner = HUB, expected = 'Denied', controls = [] }) {
  const resource = `arn:${partition}:s3:::${bucket}`
  return {
    policies: { identity: [POLICY], controls, ...(owner !== HUB && { resource: OPEN }) },
    request: {
      principal: `arn:${partition}:sts::${HUB}:assumed-role/importer/session`,
      account: HUB,
      owner,
      action,
      resource: key === undefined ? resource : `${resource}/${key}`,
      context: {
        'aws:PrincipalArn': `arn:${partition}:iam::${HUB}:role/importer`,
        'aws:PrincipalAccount': HUB,
        's3:ResourceAccount': owner,
        ...context,
      },
    },
    expected,
  }
}

const casesIn = (partition) => [
  ...DONE.flatMap((one) => [
    call(partition, { ...one, expected: 'Allowed' }),
    call(partition, { ...one, bucket: 'corp-evidence' }),
    call(partition, { ...one, owner: ELSEWHERE }),
  ]),
  ...REFUSED.map((one) => call(partition, one)),
]

describe('an import', () => {
  for (const partition of PARTITIONS) checks(`has what it needs and nothing more in ${partition}`, casesIn(partition))
  checks(
    'is left alone by the service control policy',
    DONE.map((one) => call('aws', { ...one, controls: [EVERYTHING, CONTROL], expected: 'Allowed' })),
  )
  checksThatMutantsAreNoticed('org-import.json', POLICY, PARTITIONS.flatMap(casesIn), { idle: IDLE })
})
