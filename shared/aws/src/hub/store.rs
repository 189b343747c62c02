//! What the hub's bucket says of the organization: the settings, and where accounts are.

use crate::error::AwsError;
use crate::s3::Bucket;
use mfa_enforcer_core::organization::{Books, DOCUMENT_KEY, Document, TREE_KEY, Tree};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a function goes by what it read. A switch to stop everything has to work soon.
const FRESH: Duration = Duration::from_secs(30);

/// Reads the settings of the organization, and keeps them for a while.
pub(crate) struct Store {
    bucket: Bucket,
    organization: String,
    kept: Mutex<Option<(Instant, Arc<Books>)>>,
}

/// Why nothing is known of the organization.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// S3 does not answer, or refuses.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// No version of the document can be used, or the list of accounts cannot.
    #[error("{0}")]
    Unusable(String),
}

impl Store {
    /// The settings of this organization, in this bucket.
    pub(crate) fn new(bucket: Bucket, organization: &str) -> Self {
        Self { bucket, organization: organization.to_owned(), kept: Mutex::new(None) }
    }

    /// The settings, and where accounts are.
    pub(crate) async fn books(&self) -> Result<Arc<Books>, Unread> {
        let mut kept = self.kept.lock().await;
        if let Some((_, books)) = kept.as_ref().filter(|(since, _)| since.elapsed() < FRESH) {
            return Ok(books.clone());
        }
        let books = Arc::new(books(&self.bucket, &self.organization).await?);
        *kept = Some((Instant::now(), books.clone()));
        Ok(books)
    }

    /// Whether tags of accounts have to be read. Where nobody knows, they are.
    pub(crate) async fn asks_tags(&self) -> bool {
        document(&self.bucket).await.map_or(true, |((document, _), _)| document.asks_tags())
    }
}

/// What the bucket of a hub says of this organization.
///
/// # Errors
/// If S3 does not answer, or what it has cannot be used.
pub async fn books(bucket: &Bucket, organization: &str) -> Result<Books, Unread> {
    let (document, tree) = tokio::join!(document(bucket), bucket.get_version(TREE_KEY, None));
    let ((document, version), doubt) = document?;
    let tree = Tree::read(&tree?.bytes)
        .map_err(|problem| Unread::Unusable(format!("{TREE_KEY} cannot be used: {problem}")))?;
    if tree.organization != organization {
        return Err(Unread::Unusable(format!("{TREE_KEY} is of the organization {}", tree.organization)));
    }
    Ok(Books { document, version, tree, doubt })
}

/// The newest version of the document that can be used, and what is wrong with the newest of all.
async fn document(bucket: &Bucket) -> Result<((Document, String), Option<String>), Unread> {
    let newest = bucket.get_version(DOCUMENT_KEY, None).await?;
    let doubt = match Books::document(&newest.bytes) {
        Ok(document) => return Ok(((document, newest.version), None)),
        Err(problem) => problem,
    };
    for version in bucket.versions(DOCUMENT_KEY).await? {
        let older = bucket.get_version(DOCUMENT_KEY, Some(&version)).await?;
        if let Ok(document) = Books::document(&older.bytes) {
            return Ok(((document, version), Some(doubt)));
        }
    }
    Err(Unread::Unusable(format!("no version of {DOCUMENT_KEY} can be used: {doubt}")))
}
