// Who gets in from outside: who may take the roles, and which services may use the topic, the key and the queues.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FUNCTIONS } from './calls.mjs'
import { DEPLOYMENTS, ask, askForService } from './stack.mjs'

const FOREIGN = '444455556666'
// Which service takes which role.
const TAKEN_BY = {
  ...Object.fromEntries(FUNCTIONS.map((name) => [name, 'lambda'])),
  SweepFunctionDailyRole: 'scheduler',
  forward: 'events',
  'forward-admin': 'cloudformation',
  'forward-exec': undefined,
}
const SERVICES = ['lambda', 'scheduler', 'events', 'cloudformation', 'cloudwatch', 'ec2', 's3']
// These say for whom they act. The others take no role of another account anyway.
const NAMING_THEIR_SOURCE = ['events', 'cloudformation']

for (const deployment of DEPLOYMENTS) {
  const { account, partition, region, stack, roles, arns, elsewhere } = deployment
  const source = (arn, owner = account) => ({ 'aws:SourceAccount': owner, 'aws:SourceArn': arn })
  const foreign = (arn) => source(arn.replace(account, FOREIGN), FOREIGN)
  const rule = (name, where = region) => `arn:${partition}:events:${where}:${account}:rule/${name}`
  const alarms = Object.entries(arns).filter(([, arn]) => arn.includes(':alarm:'))
  const may = async (service, action, resource, context) =>
    (await askForService(deployment, `${service}.amazonaws.com`, { action, resource, context })) === 'Allowed'

  describe(deployment.title, () => {
    for (const [role, { arn }] of Object.entries(roles)) {
      it(`${TAKEN_BY[role] ?? 'no service'} takes the role ${role}, and nothing else does`, async () => {
        const context = source(arns.ForwardStackSet)
        const taking = []
        for (const service of SERVICES) {
          if (await may(service, 'sts:AssumeRole', arn, context)) taking.push(service)
        }
        assert.deepEqual(taking, [TAKEN_BY[role]].filter(Boolean))
        for (const service of NAMING_THEIR_SOURCE) {
          assert.equal(await may(service, 'sts:AssumeRole', arn, foreign(arns.ForwardStackSet)), false)
        }
      })

      it(`of the stack's roles, ${role === 'forward-exec' ? 'forward-admin' : 'none'} takes the role ${role}`, async () => {
        const taking = []
        for (const other of Object.keys(roles)) {
          if ((await ask(deployment, other, { action: 'sts:AssumeRole', resource: arn })) === 'Allowed')
            taking.push(other)
        }
        assert.deepEqual(taking, role === 'forward-exec' ? ['forward-admin'] : [])
      })
    }

    it('another stack set than the own one does not get the role that acts in other regions', async () => {
      const other = source(arns.ForwardStackSet.replace(`${stack}-forward`, 'payments'))
      assert.equal(await may('cloudformation', 'sts:AssumeRole', roles['forward-admin'].arn, other), false)
    })

    it('every alarm of the stack gets through to the administrators', async () => {
      assert.ok(alarms.length > 0)
      for (const [, alarm] of alarms) {
        assert.ok(await may('cloudwatch', 'sns:Publish', arns.AlertsTopic, source(alarm)), alarm)
      }
      for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
        assert.ok(await may('cloudwatch', action, arns.AlertsKey, source(alarms[0][1])))
      }
    })

    it('nobody else speaks to the administrators', async () => {
      const [, alarm] = alarms[0]
      const speaks = (service, context) => may(service, 'sns:Publish', arns.AlertsTopic, context)
      assert.equal(await speaks('cloudwatch', source(alarm.replace(`${stack}-`, 'payments-'))), false)
      assert.equal(await speaks('cloudwatch', foreign(alarm)), false)
      assert.equal(await speaks('s3', source(alarm)), false)
      assert.equal(await speaks('events', source(arns.SignInFunctionSignIns)), false)
      assert.equal(await speaks('cloudwatch', { ...source(alarm), 'aws:SecureTransport': 'false' }), false)
      assert.equal(await may('cloudwatch', 'kms:Decrypt', arns.AlertsKey, foreign(alarm)), false)
      assert.equal(await may('s3', 'kms:Decrypt', arns.AlertsKey, source(alarm)), false)
    })

    it('every rule of the stack may leave an event that it could not hand over, and no other rule', async () => {
      const leaves = (context) => may('events', 'sqs:SendMessage', arns.DeadLetters, context)
      for (const id of ['SignInFunctionSignIns', 'UserLifecycleFunctionUsers', 'MfaDeviceFunctionDevices']) {
        assert.ok(await leaves(source(arns[id])), id)
        assert.equal(await leaves(foreign(arns[id])), false)
        assert.equal(await leaves({ ...source(arns[id]), 'aws:SecureTransport': 'false' }), false)
      }
      assert.equal(await leaves(source(rule('payments'))), false)
      assert.equal(await leaves(source(rule(`${stack}-other-sign-ins`))), false)
      assert.equal(await may('s3', 'sqs:SendMessage', arns.DeadLetters, source(arns.SignInFunctionSignIns)), false)
    })

    it('the rule of another region may leave what it could not forward, and no other rule', async () => {
      const { SignIns, DeadLetters } = elsewhere.arns
      const leaves = (context) => may('events', 'sqs:SendMessage', DeadLetters, context)
      assert.ok(await leaves(source(SignIns)))
      assert.equal(await leaves(source(rule('payments', elsewhere.region))), false)
      assert.equal(await leaves({ ...source(SignIns), 'aws:SecureTransport': 'false' }), false)
    })

    it('a role without TLS reaches neither the topic nor the queue', async () => {
      const context = { 'aws:SecureTransport': 'false' }
      for (const [action, resource] of [
        ['sns:Publish', arns.AlertsTopic],
        ['sqs:SendMessage', arns.DeadLetters],
      ]) {
        assert.equal(await ask(deployment, 'sweep', { action, resource, context }), 'ExplicitlyDenied')
      }
    })
  })
}
