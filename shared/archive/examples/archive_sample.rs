//! Writes an archive as AWS lays one out in a bucket: `archive_sample DIRECTORY MEGABYTES`, of compressed files.
//!
//! What a busy account does, with a call that matters to mfa-enforcer now and then. The same arguments give the same
//! archive.

#![expect(clippy::indexing_slicing, reason = "every index is below the length")]

use flate2::Compression;
use flate2::write::GzEncoder;
use std::env;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;

/// Records in a file.
const RECORDS: usize = 8_000;
/// A call that matters is one of so many.
const RARE: u64 = 2_000;
/// Calls of services and programs: source, name, parameters and answer.
const CALLS: [(&str, &str, &str, &str); 12] = [
    (
        "sts",
        "AssumeRole",
        r#"{"roleArn":"arn:aws:iam::111122223333:role/ROLE","roleSessionName":"HEX","durationSeconds":3600}"#,
        r#"{"credentials":{"accessKeyId":"ASIAKEY","sessionToken":"TOKEN","expiration":"Nov 24, 2026, 10:00:00 AM"},"assumedRoleUser":{"assumedRoleId":"AROAKEY:HEX","arn":"arn:aws:sts::111122223333:assumed-role/ROLE/HEX"}}"#,
    ),
    (
        "kms",
        "Decrypt",
        r#"{"encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:eu-central-1:111122223333:trail/main","aws:s3:arn":"arn:aws:s3:::logs/HEX"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        "null",
    ),
    (
        "ec2",
        "DescribeInstances",
        r#"{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}},{"name":"tag:service","valueSet":{"items":[{"value":"HEX"}]}}]}}"#,
        "null",
    ),
    (
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"eni-HEX"}]},"filterSet":{}}"#,
        "null",
    ),
    (
        "s3",
        "GetBucketAcl",
        r#"{"bucketName":"logs","Host":"logs.s3.eu-central-1.amazonaws.com","acl":""}"#,
        "null",
    ),
    (
        "s3",
        "PutObject",
        r#"{"bucketName":"data","Host":"data.s3.eu-central-1.amazonaws.com","key":"year=2026/month=11/HEX.parquet","x-amz-server-side-encryption":"aws:kms"}"#,
        r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-version-id":"HEX"}"#,
    ),
    (
        "logs",
        "CreateLogStream",
        r#"{"logStreamName":"2026/11/24/[$LATEST]HEX","logGroupName":"/aws/lambda/worker"}"#,
        "null",
    ),
    ("dynamodb", "DescribeTable", r#"{"tableName":"orders"}"#, "null"),
    ("iam", "GetRolePolicy", r#"{"roleName":"ROLE","policyName":"inline-HEX"}"#, "null"),
    (
        "secretsmanager",
        "GetSecretValue",
        r#"{"secretId":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-HEX"}"#,
        "null",
    ),
    (
        "ssm",
        "UpdateInstanceInformation",
        r#"{"instanceId":"i-HEX","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.0.1.17","computerName":"ip-10-0-1-17.eu-central-1.compute.internal","agentName":"amazon-ssm-agent"}"#,
        "null",
    ),
    (
        "lambda",
        "ListTags20170331",
        r#"{"resource":"arn:aws:lambda:eu-central-1:111122223333:function:HEX"}"#,
        "null",
    ),
];
/// Calls that matter.
const MATTERS: [(&str, &str); 5] = [
    ("CreateUser", r#"{"userName":"USER"}"#),
    ("CreateLoginProfile", r#"{"userName":"USER","passwordResetRequired":true}"#),
    ("EnableMFADevice", r#"{"userName":"USER","serialNumber":"arn:aws:iam::111122223333:mfa/USER"}"#),
    ("DeactivateMFADevice", r#"{"userName":"USER","serialNumber":"arn:aws:iam::111122223333:mfa/USER"}"#),
    ("DetachUserPolicy", r#"{"userName":"USER","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}"#),
];

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % limit
    }

    fn hex(&mut self) -> String {
        format!("{:016x}", self.next())
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    fn key(&mut self) -> String {
        (0..16).map(|_| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[self.below(32)])).collect()
    }
}

fn record(numbers: &mut Numbers, second: usize) -> String {
    let time = format!("2026-11-24T{:02}:{:02}:{:02}Z", second / 3600 % 24, second / 60 % 60, second % 60);
    let (source, name, request, response) = if numbers.next().is_multiple_of(RARE) {
        let (name, request) = MATTERS[numbers.below(MATTERS.len())];
        ("iam", name, request, "null")
    } else {
        CALLS[numbers.below(CALLS.len())]
    };
    let role =
        ["ci-runner", "worker", "ingest", "AWSReservedSSO_ReadOnly_0123456789abcdef"][numbers.below(4)];
    let user = format!("user{}", numbers.below(400));
    let fill = |text: &str, numbers: &mut Numbers| {
        let text = text.replace("ROLE", role).replace("USER", &user).replace("HEX", &numbers.hex());
        let token =
            if text.contains("TOKEN") { (0..20).map(|_| numbers.key()).collect() } else { String::new() };
        text.replace("TOKEN", &token).replace("KEY", &numbers.key())
    };
    let (request, response) = (fill(request, numbers), fill(response, numbers));
    let (principal, session) = (numbers.below(50), numbers.below(900));
    format!(
        "{{\"eventVersion\":\"1.11\",\"userIdentity\":{{\"type\":\"AssumedRole\",\
         \"principalId\":\"AROAEXAMPLE{principal:09}:session-{session}\",\
         \"arn\":\"arn:aws:sts::111122223333:assumed-role/{role}/session-{session}\",\"accountId\":\"111122223333\",\
         \"accessKeyId\":\"ASIA{}\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\
         \"principalId\":\"AROAEXAMPLE{principal:09}\",\"arn\":\"arn:aws:iam::111122223333:role/{role}\",\
         \"accountId\":\"111122223333\",\"userName\":\"{role}\"}},\"attributes\":{{\"creationDate\":\"{time}\",\
         \"mfaAuthenticated\":\"false\"}}}}}},\"eventTime\":\"{time}\",\"eventSource\":\"{source}.amazonaws.com\",\
         \"eventName\":\"{name}\",\"awsRegion\":\"eu-central-1\",\"sourceIPAddress\":\"10.{}.{}.{}\",\
         \"userAgent\":\"aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24.2 md/GOOS#linux md/GOARCH#amd64 api/{source}#1.5{}.2\",\
         \"requestParameters\":{request},\"responseElements\":{response},\"requestID\":\"{}\",\"eventID\":\"{}\",\
         \"readOnly\":true,\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\
         \"eventCategory\":\"Management\",\"tlsDetails\":{{\"tlsVersion\":\"TLSv1.3\",\
         \"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"{source}.eu-central-1.amazonaws.com\"}}}}",
        numbers.key(),
        numbers.below(4),
        numbers.below(256),
        numbers.below(256),
        numbers.below(10),
        numbers.uuid(),
        numbers.uuid(),
    )
}

/// The compressed file of this number.
fn file(number: u64) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let mut numbers = Numbers(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(6));
    packed.write_all(b"{\"Records\":[")?;
    for index in 0..RECORDS {
        let second = usize::try_from(number)? * 300 + index / 30;
        packed.write_all(if index == 0 { b"" } else { b"," })?;
        packed.write_all(record(&mut numbers, second).as_bytes())?;
    }
    packed.write_all(b"]}")?;
    Ok(packed.finish()?)
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [directory, megabytes] = arguments.as_slice() else {
        return Err("expected a directory and a number of megabytes".into());
    };
    let directory = Path::new(directory).join("AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/24");
    fs::create_dir_all(&directory)?;
    let (wanted, threads) = (megabytes.parse::<u64>()? << 20, thread::available_parallelism()?.get() as u64);
    let (mut written, mut number) = (0, 0);
    while written < wanted {
        let files: Result<Vec<_>, _> = thread::scope(|scope| {
            let jobs: Vec<_> = (number..number + threads)
                .map(|number| scope.spawn(move || (number, file(number))))
                .collect();
            jobs.into_iter().map(|job| job.join().map_err(|_| "a thread failed")).collect()
        });
        for (number, packed) in files? {
            let packed = packed?;
            written += packed.len() as u64;
            let minute = number % (24 * 12) * 5;
            let name = format!(
                "111122223333_CloudTrail_eu-central-1_20261124T{:02}{:02}Z_{number:016x}.json.gz",
                minute / 60,
                minute % 60
            );
            fs::write(directory.join(name), packed)?;
        }
        number += threads;
    }
    Ok(())
}
