//! The shop, written as for real AWS: endpoint, region and credentials are
//! those of the environment.
#![cfg(test)]

use aws_sdk_sqs::{config::BehaviorVersion, error::ProvideErrorMetadata, operation::RequestId, Client};
use base64::{prelude::BASE64_STANDARD, Engine};
use serde_json::Value;

async fn sqs() -> Client {
    Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await)
}

async fn url(sqs: &Client, queue: &str) -> String {
    sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap()
}

/// Asks waxseal what AWS would not tell.
fn control(path: &str) -> Value {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap();
    ureq::get(&format!("{endpoint}/_waxseal/{path}")).call().unwrap().into_json().unwrap()
}

#[tokio::test]
async fn the_shop_may_not_send_to_payroll() {
    let sqs = sqs().await;
    let payroll = url(&sqs, "payroll").await;
    let denied = sqs.send_message().queue_url(payroll).message_body("a rise for all").send().await.unwrap_err();
    assert_eq!(denied.code(), Some("KMS.AccessDeniedException"));

    // Its own policy allows the call to the queue; it is the key's policy that leaves it out.
    let why = control(&format!("decisions?decision=Deny&request-id={}", denied.request_id().unwrap()));
    let decision = &why["decisions"][0];
    assert_eq!(decision["action"], "kms:GenerateDataKey");
    let message = decision["message"].as_str().unwrap();
    assert!(message.ends_with("because no resource-based policy allows the kms:GenerateDataKey action"), "{message}");
    assert_eq!(decision["trace"]["steps"][0]["sid"], "OnlyPayroll");
}

#[tokio::test]
async fn an_order_is_readable_by_the_shop_and_not_on_the_disk() {
    let sqs = sqs().await;
    let orders = url(&sqs, "orders").await;
    sqs.send_message().queue_url(&orders).message_body("card 4111 1111 1111 1111").send().await.unwrap();

    let stored = &control("at-rest/123456789012/us-east-1/orders")["messages"][0];
    assert_eq!(stored["encryption"], "SSE-KMS");
    let ciphertext = BASE64_STANDARD.decode(stored["ciphertext"].as_str().unwrap()).unwrap();
    assert!(!ciphertext.windows(4).any(|w| w == b"4111"));

    let received = sqs.receive_message().queue_url(&orders).send().await.unwrap();
    let message = &received.messages()[0];
    assert_eq!(message.body(), Some("card 4111 1111 1111 1111"));
    sqs.delete_message().queue_url(&orders).receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
}
