// Spoils a quarantine document in every single way that would matter, one at a time.

const LISTS = ['Action', 'NotAction', 'Resource', 'NotResource']
const MFA = 'aws:MultiFactorAuthPresent'

/** Each change in words, to be read after "the document", with the document that it makes. */
export function mutants(document) {
  return document.Statement.flatMap((statement, index) => {
    const sid = statement.Sid
    const changed = (change, edit) => {
      const mutant = structuredClone(document)
      edit(mutant.Statement[index], mutant)
      return { change, mutant }
    }
    return [
      changed(`loses ${sid}`, (_, mutant) => mutant.Statement.splice(index, 1)),
      ...shorterLists(statement, changed),
      ...otherResources(statement, changed),
      ...(statement.Condition ? otherConditions(statement, changed) : []),
      ...(statement.NotAction ? moreExemptions(statement, changed) : []),
    ]
  })
}

function shorterLists({ Sid, ...statement }, changed) {
  return LISTS.filter((list) => Array.isArray(statement[list])).flatMap((list) =>
    statement[list].map((entry, at) =>
      changed(`loses ${entry} from ${list} of ${Sid}`, (spoilt) => spoilt[list].splice(at, 1)),
    ),
  )
}

function otherResources(statement, changed) {
  const list = statement.NotResource ? 'NotResource' : 'Resource'
  if (statement[list] === '*') return []
  const each = (edit) => (spoilt) => {
    spoilt[list] = [spoilt[list]].flat().map(edit)
  }
  const changes = [
    changed(`names one partition in ${statement.Sid}`, each((arn) => arn.replace('arn:*:', 'arn:aws:'))),
  ]
  if ([statement[list]].flat().some((arn) => arn.includes('${aws:username}'))) {
    changes.push(
      changed(`takes any user in ${statement.Sid}`, each((arn) => arn.replace('${aws:username}', '*'))),
      changed(`takes names that end alike in ${statement.Sid}`, each((arn) => arn.replace('${', '*${'))),
    )
  } else {
    changes.push(
      changed(`ties device names to user names in ${statement.Sid}`, each((arn) => arn.replace('mfa/*', 'mfa/${aws:username}'))),
    )
  }
  return changes
}

function otherConditions({ Sid, Condition }, changed) {
  const [operator] = Object.keys(Condition)
  const other = operator === 'Bool' ? 'BoolIfExists' : 'Bool'
  return [
    changed(`has no condition in ${Sid}`, (spoilt) => delete spoilt.Condition),
    changed(`has ${other} in ${Sid}`, (spoilt) => (spoilt.Condition = { [other]: { [MFA]: 'false' } })),
    changed(`asks for the opposite in ${Sid}`, (spoilt) => (spoilt.Condition = { [operator]: { [MFA]: 'true' } })),
  ]
}

function moreExemptions({ Sid }, changed) {
  return ['iam:DeactivateMFADevice', 'iam:DeleteVirtualMFADevice', 'iam:CreateAccessKey', 'sts:AssumeRole', 's3:*'].map(
    (action) => changed(`exempts ${action} in ${Sid}`, (spoilt) => spoilt.NotAction.push(action)),
  )
}
