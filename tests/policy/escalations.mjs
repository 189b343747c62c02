// What somebody would try who holds a role of the stack. No role may do any of it, whatever it is for.

import { bySubscriptionOf, otherScope, policyOf, tagKeys, tags } from './calls.mjs'

const NOTE = 'mfa-enforcer:quarantined'
const NOTES = [NOTE, 'mfa-enforcer:notified', 'mfa-enforcer:alerted']
const eachNote = () => NOTES.map((key) => tags(key))
const eachNoteBeside = (other) => () => NOTES.map((key) => tags(key, other))
const managed = (owner, name) => (w) => ({
  'iam:PolicyARN': `arn:${w.partition}:iam::${owner}:policy/${name ?? w.arns.ConsoleQuarantinePolicy.split('/').pop()}`,
})
const setScope = (w) => policyOf(w.scope)(w)
const administrator = managed('aws', 'AdministratorAccess')
const ofAnotherAccount = managed('444455556666')
const lookalikes = (w) => [
  { 'iam:PolicyARN': `${w.arns.ConsoleQuarantinePolicy}x` },
  { 'iam:PolicyARN': w.arns.ConsoleQuarantinePolicy.replace(':policy/', ':policy/x/') },
]
const TOPIC_NOTES = ['mfa-enforcer:root-notified', 'mfa-enforcer:last-sweep']
const eitherNote = () => TOPIC_NOTES.map((key) => tags(key))
const eitherNoteRemoved = () => TOPIC_NOTES.map((key) => tagKeys(key))
const besideANote = () => TOPIC_NOTES.map((key) => tags(key, 'team'))
const via = (service) => (w) => ({ 'kms:ViaService': `${service}.${w.region}.${w.urlSuffix}` })
const passedTo = (service) => ({ 'iam:PassedToService': service })

/** Rows of: title, target, context, actions. */
export const ESCALATIONS = [
  ['give AdministratorAccess', 'any user', administrator, ['iam:AttachUserPolicy']],
  ['give AdministratorAccess', 'the own role', administrator, ['iam:AttachRolePolicy']],
  ['give AdministratorAccess', 'the quarantine group', administrator, ['iam:AttachGroupPolicy']],
  ["attach another account's policy of the same name", 'any user', ofAnotherAccount, ['iam:AttachUserPolicy']],
  [
    'attach or detach a policy of nearly the same name',
    'any user',
    lookalikes,
    ['iam:AttachUserPolicy', 'iam:DetachUserPolicy'],
  ],
  ['attach the quarantine of the other scope', 'any user', otherScope, ['iam:AttachUserPolicy']],
  ['attach or detach without naming a policy', 'any user', {}, ['iam:AttachUserPolicy', 'iam:DetachUserPolicy']],
  ['detach another policy', 'any user', managed('111122223333', 'deny-billing'), ['iam:DetachUserPolicy']],
  ['detach a policy of AWS', 'any user', administrator, ['iam:DetachUserPolicy']],
  ['open the quarantine group', 'the quarantine group', setScope, ['iam:DetachGroupPolicy']],
  ['delete or rename the group', 'the quarantine group', {}, ['iam:DeleteGroup', 'iam:UpdateGroup']],
  ['join or leave another group', 'another group', {}, ['iam:AddUserToGroup', 'iam:RemoveUserFromGroup']],
  ['write an inline policy', 'any user', {}, ['iam:PutUserPolicy', 'iam:DeleteUserPolicy']],
  ['write an inline policy', 'the own role', {}, ['iam:PutRolePolicy', 'iam:DeleteRolePolicy']],
  ['write an inline policy', 'the quarantine group', {}, ['iam:PutGroupPolicy', 'iam:DeleteGroupPolicy']],
  ['set a boundary', 'any user', {}, ['iam:PutUserPermissionsBoundary', 'iam:DeleteUserPermissionsBoundary']],
  [
    'rewrite the quarantine',
    'the quarantine policies',
    {},
    ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion', 'iam:DeletePolicyVersion', 'iam:DeletePolicy'],
  ],
  ['rewrite the own permissions', 'the own policies', {}, ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion']],
  ['make a policy', 'a new policy', {}, ['iam:CreatePolicy']],

  ['tag another key', 'any user', tags('team'), ['iam:TagUser']],
  ['exempt a user', 'any user', tags('mfa-enforcer:exempt-until'), ['iam:TagUser']],
  ['exempt a user beside a note', 'any user', tags(NOTE, 'mfa-enforcer:exempt-until'), ['iam:TagUser']],
  ["change a user's address beside a note", 'any user', eachNoteBeside('email'), ['iam:TagUser']],
  ['tag, naming no key', 'any user', {}, ['iam:TagUser', 'iam:UntagUser']],
  ['remove another tag', 'any user', tagKeys('team'), ['iam:UntagUser']],
  ['end an exemption', 'any user', tagKeys('mfa-enforcer:exempt-until'), ['iam:UntagUser']],
  ['remove an exemption beside the note', 'any user', tagKeys(NOTE, 'mfa-enforcer:exempt-until'), ['iam:UntagUser']],
  ['forget what was said', 'any user', tagKeys('mfa-enforcer:notified'), ['iam:UntagUser']],

  ['attach or detach', 'a break-glass user', setScope, ['iam:AttachUserPolicy', 'iam:DetachUserPolicy']],
  ['detach the other scope', 'a break-glass user', otherScope, ['iam:DetachUserPolicy']],
  ['write any note', 'a break-glass user', eachNote, ['iam:TagUser']],
  ['remove a note', 'a break-glass user', tagKeys(NOTE), ['iam:UntagUser']],
  [
    'take over or lock out',
    'a break-glass user',
    {},
    [
      'iam:DeleteUser',
      'iam:UpdateLoginProfile',
      'iam:DeleteLoginProfile',
      'iam:CreateAccessKey',
      'iam:DeactivateMFADevice',
    ],
  ],

  ['make an access key', 'any user', {}, ['iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey']],
  ['make or change a user', 'any user', {}, ['iam:CreateUser', 'iam:DeleteUser', 'iam:UpdateUser']],
  ['make a user with a note', 'any user', eachNote, ['iam:CreateUser']],
  [
    'set a password',
    'any user',
    {},
    ['iam:CreateLoginProfile', 'iam:UpdateLoginProfile', 'iam:DeleteLoginProfile', 'iam:ChangePassword'],
  ],
  ['give or take a device', 'any user', {}, ['iam:EnableMFADevice', 'iam:DeactivateMFADevice', 'iam:ResyncMFADevice']],
  ['make or delete a device', 'a virtual device', {}, ['iam:CreateVirtualMFADevice', 'iam:DeleteVirtualMFADevice']],
  ['pass a role to a function', 'another role', passedTo('lambda.amazonaws.com'), ['iam:PassRole']],
  ['pass a role to a rule', 'another role', passedTo('events.amazonaws.com'), ['iam:PassRole']],
  ['pass the forwarding role elsewhere', 'the forwarding role', passedTo('lambda.amazonaws.com'), ['iam:PassRole']],
  ['become another role', 'another role', {}, ['sts:AssumeRole']],
  [
    'open a role',
    'any role of the stack',
    {},
    ['iam:UpdateAssumeRolePolicy', 'iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRole', 'iam:CreateRole'],
  ],
  [
    'soften the password rules',
    'the account',
    {},
    ['iam:UpdateAccountPasswordPolicy', 'iam:DeleteAccountPasswordPolicy'],
  ],

  [
    'speak on another topic',
    'another topic',
    {},
    ['sns:Publish', 'sns:Subscribe', 'sns:CreateTopic', 'sns:DeleteTopic'],
  ],
  ['listen to the alerts', 'the alerts topic', bySubscriptionOf('email', 'm@example.org'), ['sns:Subscribe']],
  [
    'silence the alerts',
    'the alerts topic',
    {},
    ['sns:DeleteTopic', 'sns:SetTopicAttributes', 'sns:RemovePermission', 'sns:AddPermission', 'sns:Unsubscribe'],
  ],
  ['see who gets the alerts', 'the alerts topic', {}, ['sns:ListSubscriptionsByTopic', 'sns:GetTopicAttributes']],
  ['tag the alerts topic otherwise', 'the alerts topic', tags('team'), ['sns:TagResource']],
  ['tag the alerts topic otherwise, beside a note', 'the alerts topic', besideANote, ['sns:TagResource']],
  ["write a note of the alerts topic on a user's", "a user's topic", eitherNote, ['sns:TagResource']],
  ['write a note of the alerts topic on another', 'another topic', eitherNote, ['sns:TagResource']],
  ['tag the alerts topic, naming no key', 'the alerts topic', {}, ['sns:TagResource']],
  ['forget root events or the last sweep', 'the alerts topic', eitherNoteRemoved, ['sns:UntagResource']],
  [
    "send a user's notices to a web address",
    "a user's topic",
    bySubscriptionOf('https', 'https://example.org/'),
    ['sns:Subscribe'],
  ],
  [
    "send a user's notices to a queue",
    "a user's topic",
    bySubscriptionOf('sqs', 'arn:aws:sqs:us-east-1:444455556666:q'),
    ['sns:Subscribe'],
  ],
  ["open a user's topic", "a user's topic", {}, ['sns:AddPermission', 'sns:SetTopicAttributes', 'sns:TagResource']],
  ['change how text messages are sent', 'the account', {}, ['sns:SetSMSAttributes']],

  ['use the key without SNS', 'the alerts key', {}, ['kms:Decrypt', 'kms:GenerateDataKey']],
  ['use the key through another service', 'the alerts key', via('s3'), ['kms:Decrypt', 'kms:GenerateDataKey']],
  ['use another key', 'another key', via('sns'), ['kms:Decrypt', 'kms:GenerateDataKey']],
  [
    'give the key away',
    'the alerts key',
    via('sns'),
    ['kms:CreateGrant', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:DisableKey'],
  ],
  [
    'read or empty the dead letters',
    'the dead-letter queue',
    {},
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:PurgeQueue', 'sqs:SetQueueAttributes', 'sqs:DeleteQueue'],
  ],
  ['send to another queue', 'another queue', {}, ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteQueue']],
  [
    'write in the log of another',
    "another function's log",
    {},
    ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DeleteLogStream'],
  ],
  ['read a log', 'any log', {}, ['logs:GetLogEvents']],
  [
    'read or delete a log',
    'any log group',
    {},
    [
      'logs:FilterLogEvents',
      'logs:DeleteLogGroup',
      'logs:CreateLogGroup',
      'logs:PutRetentionPolicy',
      'logs:StartQuery',
    ],
  ],

  [
    'change code or configuration',
    'any function',
    {},
    [
      'lambda:UpdateFunctionCode',
      'lambda:UpdateFunctionConfiguration',
      'lambda:AddPermission',
      'lambda:DeleteFunction',
      'lambda:PutFunctionConcurrency',
    ],
  ],
  ['start another function', 'another function', {}, ['lambda:InvokeFunction']],
  [
    'blind the stack',
    'the own rules',
    {},
    ['events:DisableRule', 'events:DeleteRule', 'events:PutRule', 'events:RemoveTargets', 'events:PutTargets'],
  ],
  ['invent events elsewhere', 'another event bus', {}, ['events:PutEvents']],
  ['open the event bus', 'the account', {}, ['events:PutPermission']],
  ['change or delete the event bus', 'the event bus', {}, ['events:UpdateEventBus', 'events:DeleteEventBus']],
  ['stop the sweep', 'the own schedule', {}, ['scheduler:UpdateSchedule', 'scheduler:DeleteSchedule']],
  [
    'switch alarms off',
    'the own alarms',
    {},
    [
      'cloudwatch:DeleteAlarms',
      'cloudwatch:DisableAlarmActions',
      'cloudwatch:SetAlarmState',
      'cloudwatch:PutMetricAlarm',
    ],
  ],
  [
    'stop the trail',
    'a trail',
    {},
    ['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail', 'cloudtrail:PutEventSelectors'],
  ],
  [
    'change another stack',
    'another stack',
    {},
    ['cloudformation:UpdateStack', 'cloudformation:DeleteStack', 'cloudformation:CreateStack'],
  ],
  ['keep the stack there from changes', 'the stack in another region', {}, ['cloudformation:SetStackPolicy']],
  ['switch the rule there off', 'the rule in another region', {}, ['events:DisableRule']],
  [
    'read or empty the queue there',
    'the queue in another region',
    {},
    ['sqs:ReceiveMessage', 'sqs:PurgeQueue', 'sqs:SendMessage'],
  ],
  ['change another rule', 'another rule', {}, ['events:PutRule', 'events:DeleteRule', 'events:PutTargets']],

  ['list buckets', 'the account', {}, ['s3:ListAllMyBuckets']],
  ['list or open a bucket', 'a bucket', {}, ['s3:ListBucket', 's3:PutBucketPolicy']],
  ['read or write an object', 'an object', {}, ['s3:GetObject', 's3:PutObject']],
  ['read a secret', 'a secret', {}, ['secretsmanager:GetSecretValue']],
  ['read a parameter', 'a parameter', {}, ['ssm:GetParameter']],
  ['start an instance', 'an instance', {}, ['ec2:RunInstances']],
].flatMap(([title, target, context, actions]) => actions.map((action) => ({ title, action, target, by: [], context })))
