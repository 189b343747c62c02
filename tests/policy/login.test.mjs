// The service control policy against `aws login` without MFA: whom it stops, and what it leaves alone.

import { describe } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { policyFile } from './stacks.mjs'
import { targetsOf } from './tables.mjs'

const ACCOUNT = '123456789012'
const SIGN_IN = ['signin:AuthorizeOAuth2Access', 'signin:CreateOAuth2Token']
const policy = await policyFile('login-with-mfa.scp.json')

/** Each with the ARN that policies compare, and the one that calls. */
const USER = [':iam:', 'user/alice']
const USER_BELOW_PATH = [':iam:', 'user/engineering/eu/lee']
const ROOT_USER = [':iam:', 'root']
const ROLE = [':iam:', 'role/user/alice', ':sts:', 'assumed-role/alice/session']

// title, callers, state of MFA, actions, targets, verdict
const ROWS = [
  ['users without MFA do not log in', [USER, USER_BELOW_PATH], ['false', undefined], SIGN_IN, 'aws login', false],
  ['users without MFA log in no agent', [USER, USER_BELOW_PATH], ['false', undefined], SIGN_IN, 'an agent', false],
  ['users with MFA do', [USER, USER_BELOW_PATH], ['true'], SIGN_IN, 'aws login', true],
  ['users with MFA log in agents', [USER], ['true'], SIGN_IN, 'an agent', true],
  [
    'everybody signs in to the console',
    [USER, ROLE, ROOT_USER],
    ['false', undefined, 'true'],
    SIGN_IN,
    'the console',
    true,
  ],
  ['roles log in, whose provider did the MFA', [ROLE], ['false', undefined], SIGN_IN, 'aws login', true],
  ['root is left to AWS', [ROOT_USER], ['false', undefined], SIGN_IN, 'aws login', true],
  ['a token can be revoked', [USER], ['false'], ['signin:RevokeOAuth2Token'], 'aws login', true],
]

function casesOf(callers, states, actions, target, allowed) {
  return ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'].flatMap((partition) =>
    callers.flatMap(([service, name, service2 = service, name2 = name]) =>
      states.flatMap((mfa) =>
        targetsOf(target, { partition, account: ACCOUNT, region: 'eu-west-1' }).flatMap((resource) =>
          actions.map((action) => ({
            policies: { identity: [EVERYTHING], controls: [EVERYTHING, policy] },
            request: {
              ...{ principal: `arn:${partition}${service2}:${ACCOUNT}:${name2}`, account: ACCOUNT, action, resource },
              context: {
                'aws:PrincipalArn': `arn:${partition}${service}:${ACCOUNT}:${name}`,
                ...(mfa && { 'aws:MultiFactorAuthPresent': mfa }),
              },
            },
            expected: allowed ? 'Allowed' : 'ExplicitlyDenied',
          })),
        ),
      ),
    ),
  )
}

const all = ROWS.flatMap(([, ...row]) => casesOf(...row))
describe('under the policy for aws login', () => {
  for (const [title, ...row] of ROWS) checks(title, casesOf(...row))
})

checksThatMutantsAreNoticed('the policy for aws login', policy, all, {
  replacements: [
    ['arn:*:', 'arn:aws:'],
    [/^false$/, 'true'],
    ['oauth2/public-client/*', '*'],
    ['service-principal/*', '*'],
  ],
  additions: {
    Resource: ['arn:*:signin:::console/*'],
    'aws:PrincipalArn': ['arn:*:iam::*:role/*', 'arn:*:iam::*:root'],
  },
})
