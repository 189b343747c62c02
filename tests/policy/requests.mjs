// The two tables that say what a quarantine is: what it leaves open, and what it shuts.

import { others } from './callers.mjs'
import { ACCOUNT } from './simulate.mjs'

const anything = () => '*'
const oneself = (me) => me.arn
const iam = (rest) => (me) => `arn:${me.partition}:iam::${ACCOUNT}:${rest}`
const device = (name) => (me) => iam(`mfa/${name(me)}`)(me)
const ownDevice = device((me) => me.name)
const quarantinePolicy = iam('policy/mfa-enforcer-quarantine')

const passkey = (step) => ({
  'iam:RegisterSecurityKey': step,
  'iam:FIDO-FIPS-140-2-certification': 'None',
  'iam:FIDO-certification': 'L1',
})
const tag = (key) => ({ 'aws:TagKeys': [key] })

// `on` gives the ARN, or the ARNs, that the action is tried on.
function table(rows) {
  return rows.map(([title, action, on, more = {}]) => ({ title, action, on, ...more }))
}

/** Open in every session, also for a user whom no other policy allows anything. */
export const ENROLMENT = table([
  ['create an authenticator app named like the user', 'iam:CreateVirtualMFADevice', ownDevice],
  ['create an authenticator app of any name', 'iam:CreateVirtualMFADevice', device(() => 'Pixel_9=work,2026+spare@home.v2-x')],
  ['create an authenticator app under a path', 'iam:CreateVirtualMFADevice', device(() => 'phones/private/blue')],
  ['enable an authenticator app or a hardware token', 'iam:EnableMFADevice', oneself],
  ['begin to register a passkey or security key', 'iam:EnableMFADevice', oneself, { context: passkey('Create') }],
  ['finish registering a passkey or security key', 'iam:EnableMFADevice', oneself, { context: passkey('Activate') }],
  ['resynchronise a device that drifts', 'iam:ResyncMFADevice', oneself],
  ['see the own user', 'iam:GetUser', oneself],
  ['see one own device', 'iam:GetMFADevice', oneself],
  ['list the own devices', 'iam:ListMFADevices', oneself],
  ['list virtual devices', 'iam:ListVirtualMFADevices', anything],
  ['see the account summary', 'iam:GetAccountSummary', anything],
  ['see the password rules', 'iam:GetAccountPasswordPolicy', anything],
  ['change the own password, as a first sign-in forces', 'iam:ChangePassword', oneself],
  ['turn an MFA code into a session', 'sts:GetSessionToken', anything],
])

/** Shut wherever the quarantine bites, whatever other policies allow; elsewhere as other policies say. */
export const EVERYTHING_ELSE = table([
  ['list buckets', 's3:ListAllMyBuckets', anything],
  ['read an object', 's3:GetObject', (me) => `arn:${me.partition}:s3:::payroll/2026.csv`],
  ['start an instance', 'ec2:RunInstances', (me) => `arn:${me.partition}:ec2:eu-west-1:${ACCOUNT}:instance/i-0123456789abcdef0`],
  ['assume a role', 'sts:AssumeRole', iam('role/deploy'), { resourcePolicy: trustOfTheAccount }],
  ['make a federated session', 'sts:GetFederationToken', (me) => `arn:${me.partition}:sts::${ACCOUNT}:federated-user/guest`],
  ['create an access key', 'iam:CreateAccessKey', oneself],
  ['detach the quarantine', 'iam:DetachUserPolicy', oneself],
  ['attach a policy to oneself', 'iam:AttachUserPolicy', oneself],
  ['write an inline policy', 'iam:PutUserPolicy', oneself],
  ['rewrite the quarantine', 'iam:CreatePolicyVersion', quarantinePolicy],
  ['go back to an older quarantine', 'iam:SetDefaultPolicyVersion', quarantinePolicy],
  ['delete the quarantine', 'iam:DeletePolicy', quarantinePolicy],
  ['leave the quarantine group', 'iam:RemoveUserFromGroup', iam('group/mfa-enforcer-quarantine')],
  ['join another group', 'iam:AddUserToGroup', iam('group/engineering/administrators')],
  ['deactivate an own device', 'iam:DeactivateMFADevice', oneself],
  ['delete an own virtual device', 'iam:DeleteVirtualMFADevice', ownDevice],
  ['delete a virtual device of any name', 'iam:DeleteVirtualMFADevice', device(() => 'someone-elses')],
  ['delete the own password', 'iam:DeleteLoginProfile', oneself],
  ['create a password', 'iam:CreateLoginProfile', oneself],
  ['reset the own password without the old one', 'iam:UpdateLoginProfile', oneself],
  ['rename oneself', 'iam:UpdateUser', oneself],
  ['create a user', 'iam:CreateUser', iam('user/fresh')],
  ['exempt oneself by a tag', 'iam:TagUser', oneself, { context: tag('mfa-enforcer:exempt-until') }],
  ['remove the mark of the quarantine', 'iam:UntagUser', oneself, { context: tag('mfa-enforcer:quarantined') }],
  ['list all users', 'iam:ListUsers', anything],
  ['enable a device for anybody else', 'iam:EnableMFADevice', others],
  ['register a passkey for anybody else', 'iam:EnableMFADevice', others, { context: passkey('Activate') }],
  ['deactivate a device of anybody else', 'iam:DeactivateMFADevice', others],
  ['resynchronise a device of anybody else', 'iam:ResyncMFADevice', others],
  ['change the password of anybody else', 'iam:ChangePassword', others],
  ['see anybody else', 'iam:GetUser', others],
  ['see a device of anybody else', 'iam:GetMFADevice', others],
  ['list the devices of anybody else', 'iam:ListMFADevices', others],
])

function trustOfTheAccount(me) {
  const root = `arn:${me.partition}:iam::${ACCOUNT}:root`
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: root }, Action: 'sts:AssumeRole' }],
  }
}
