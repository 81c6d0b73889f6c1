// Three stacks: the key, what is encrypted under it, and who may use that. VISIBILITY
// changes a property; BROKEN adds a policy that SQS refuses.
import { App, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as sns from 'aws-cdk-lib/aws-sns'
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions'
import * as sqs from 'aws-cdk-lib/aws-sqs'

const app = new App()
const env = { account: '123456789012', region: 'us-east-1' }

const security = new Stack(app, 'Security', { env })
const key = new kms.Key(security, 'Key', { alias: 'orders', enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY })

const messaging = new Stack(app, 'Messaging', { env })
const encrypted = { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true }
const deadLetters = new sqs.Queue(messaging, 'DeadLetters', { queueName: 'orders-dlq', ...encrypted })
const orders = new sqs.Queue(messaging, 'Orders', {
  queueName: 'orders',
  ...encrypted,
  visibilityTimeout: Duration.seconds(Number(process.env.VISIBILITY ?? 45)),
  deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
})
const topic = new sns.Topic(messaging, 'Topic', { topicName: 'orders', enforceSSL: true })
topic.addSubscription(new subscriptions.SqsSubscription(orders, { rawMessageDelivery: true }))

const people = new Stack(app, 'People', { env })
const consumer = new iam.Role(people, 'Consumer', { roleName: 'consumer', assumedBy: new iam.AccountRootPrincipal() })
orders.grantConsumeMessages(consumer)
const producer = new iam.Role(people, 'Producer', { roleName: 'producer', assumedBy: new iam.AccountRootPrincipal() })
topic.grantPublish(producer)

if (process.env.BROKEN) {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:Fly', Resource: orders.queueArn }
  new sqs.CfnQueuePolicy(messaging, 'Broken', { queues: [deadLetters.queueUrl], policyDocument: { Version: '2012-10-17', Statement: [statement] } })
}
Tags.of(app).add('team', 'orders')
