#!/usr/bin/env bash
# Puts the functions and the templates of this release into a bucket, where CloudFormation and Lambda read them.
set -euo pipefail

usage() {
    cat <<'END'
Usage: ./upload.sh BUCKET [PREFIX]

Puts the functions and templates of this release into your bucket, below PREFIX and the version. Without PREFIX, that
is mfa-enforcer/. The bucket has to be in the region of the stack. It needs the AWS CLI, with credentials that may
call s3:GetBucketLocation and s3:PutObject on the bucket.
END
}

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 2
}

if [[ ${1-} == --help ]]; then
    usage
    exit 0
fi
if (($# < 1 || $# > 2)); then
    usage >&2
    exit 2
fi
bucket=$1
prefix=${2-mfa-enforcer/}
[[ $bucket =~ ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$ ]] || fail "not the name of a bucket: $bucket"
[[ $prefix =~ ^([A-Za-z0-9!_.*\'\(\)-]+/)*$ ]] || fail "not a prefix such as mfa-enforcer/: $prefix"
command -v aws >/dev/null || fail 'the AWS CLI is not installed, or not on the PATH'

cd "$(dirname "${BASH_SOURCE[0]}")"
sum=(sha256sum)
command -v sha256sum >/dev/null || sum=(shasum --algorithm 256)
"${sum[@]}" --check --quiet --strict SHA256SUMS || fail 'a file is missing, or is not the one that was released'
read -r version <VERSION

region=$(aws s3api get-bucket-location --bucket "$bucket" --query LocationConstraint --output text) ||
    fail "the bucket $bucket cannot be read, see above"
[[ $region != None ]] || region=us-east-1
template=single-account.yaml
hub=hub.yaml
suffix=amazonaws.com
case $region in
us-east-1 | us-gov-west-1) ;;
cn-north-1)
    template=single-account-china.yaml
    hub="hub-china.yaml"
    suffix=amazonaws.com.cn
    ;;
eusc-de-east-1) suffix=amazonaws.eu ;;
*)
    fail "the bucket $bucket is in $region. The stack belongs where the events of IAM arrive, and Lambda takes code from
a bucket of its own region: us-east-1, cn-north-1 in China, us-gov-west-1 in GovCloud, eusc-de-east-1 in the European
Sovereign Cloud"
    ;;
esac

# The folder may have other files too, which are nobody's business.
only=$(mktemp -d) || fail 'no temporary folder can be made, see above'
trap 'rm -rf -- "$only"' EXIT
while read -r _ name; do
    case $name in
    *.zip | *.yaml) cp -- "$name" "$only/" || fail "$name cannot be copied to $only, see above" ;;
    *) ;;
    esac
done <SHA256SUMS
cd "$only"
aws s3 cp . "s3://$bucket/$prefix$version/" --region "$region" --recursive --no-progress ||
    fail "a file could not be put into $bucket, see above. Run this again: nothing depends on a part of it"

cat <<END

Next, make the stack, or update the one that you have with \`update-stack\` (docs/DEPLOY.md says more):

aws cloudformation create-stack --region $region --stack-name mfa-enforcer --capabilities CAPABILITY_NAMED_IAM \\
    --template-url https://$bucket.s3.$region.$suffix/$prefix$version/$template \\
    --parameters ParameterKey=CodeBucket,ParameterValue=$bucket \\
    ParameterKey=CodeKeyPrefix,ParameterValue=$prefix ParameterKey=AdminEmail,ParameterValue=you@example.com

For the hub of an organization, take $hub in place of $template, and the parameter OrganizationId as well.
END
