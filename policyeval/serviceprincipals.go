package policyeval

import (
	"regexp"
	"strings"
)

// standing says whether a service principal of a name exists.
type standing uint8

const (
	// unknownService: no service has such a name.
	unknownService standing = iota
	// possibleService: the name is a service's endpoint, or a subdomain of an endpoint
	// or of a known principal. It is not known whether a service calls as it.
	possibleService
	// knownService: AWS's own policies or documentation name it.
	knownService
)

// serviceStanding judges a service principal, such as sns.amazonaws.com or
// that of a region, sns.ap-east-1.amazonaws.com.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services.
func serviceStanding(principal string) standing {
	if strings.HasSuffix(principal, ".aws.internal") || amazonServices[principal] {
		return knownService
	}
	name, china := strings.CutSuffix(principal, ".amazonaws.com.cn")
	if !china {
		var ok bool
		if name, ok = strings.CutSuffix(principal, ".amazonaws.com"); !ok {
			return unknownService
		}
	}
	if china && notInChina[name] {
		return unknownService
	}
	name = regional.ReplaceAllString(name, "")
	switch _, parent, _ := strings.Cut(name, "."); {
	case services[name]:
		return knownService
	case serviceEndpoints[name], services[parent], serviceEndpoints[parent]:
		return possibleService
	default:
		return unknownService
	}
}

// regional is the region at the end of a regional principal's name, or, in older ones, at its beginning.
var regional = regexp.MustCompile(`\.[a-z]{2}(-[a-z]+)+-\d+$|^[a-z]{2}(-[a-z]+)+-\d+\.`)

func namesOf(list string) map[string]bool {
	names := strings.Fields(list)
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// amazonServices are the principals that do not end in amazonaws.com.
var amazonServices = namesOf("alexa-appkit.amazon.com alexa-connectedhome.amazon.com")

// notInChina are names that regions of China do not have with the suffix
// .amazonaws.com.cn: SQS there refuses them, and takes them with .amazonaws.com.
var notInChina = namesOf("events sqs")

// services are the names of service principals, without .amazonaws.com: those
// in AWS's documentation and managed policies as iam-floyd 0.851.0 lists them
// (Apache-2.0, 2026-10-06), and four that the guides of CloudWatch, Billing,
// Data Exports and Cognito name.
var services = namesOf(`
	a4b access-analyzer access-grants.s3 account account-access acm acm-pca aco-automation agent-registry
	agent.wellarchitected agentless.inspector2 aiops airflow airflow-env airflow-serverless ami.inspector2 amplify
	apidestinations.events apigateway app-integrations appfabric appflow application-autoscaling
	application-insights application-signals.cloudwatch application-transformation appmesh apprunner appstream
	appstream.application-autoscaling appsync aps artifact assets.marketplace athena auditmanager automation
	autoscaling autoscaling-plans aws-artifact-account-sync aws-external-anthropic backup batch bcm-data-exports
	bedrock bedrock-agentcore bedrock-mantle billingreports braket budgets bugbust cassandra-streams
	cassandra.application-autoscaling channels.lex channels.lexv2 chatbot chime cleanrooms cleanrooms-ml cloud9
	clouddirectory cloudformation cloudfront cloudhsm cloudsearch cloudtrail cloudwatch cloudwatch-crossaccount
	codeartifact codebuild codecatalyst codecatalyst-runner codecommit codedeploy codeguru-profiler
	codeguru-reviewer codeguru-security codepipeline codestar codestar-notifications cognito-identity cognito-idp
	cognito-sync comprehend comprehend.application-autoscaling compute-optimizer config config-conforms
	config-multiaccountsetup connect connect-campaigns context.cloudtrail continuousexport.discovery contract.iq
	contributorinsights.dynamodb controltower cost-optimization-hub.bcm costalerts credentials.iot
	custom-resource.application-autoscaling custom.rds custom.rds-preview databrew dataexchange datapipeline
	datasync datazone datazonecontrol dax deeplens delivery.logs detective devops-guru diode directconnect
	directquery.opensearchservice discovery dlm dms dmsintegration.migrationhub docdb-elastic drs ds dsql dynamodb
	dynamodb.application-autoscaling ec ec2 ec2-images ec2-instance-connect ec2.application-autoscaling
	ec2.application-status-checks ec2.capacitymanager ec2fastlaunch ec2fleet ec2scheduled ec2sqlha ecr ecs
	ecs-compute ecs-tasks ecs.application-autoscaling edgelambda eks eks-connector eks-fargate eks-fargate-pods
	eks-nodegroup elasticache elasticache.application-autoscaling elasticbeanstalk elasticfilesystem
	elasticloadbalancing elasticmapreduce elastictranscoder email.cognito-idp emr-containers emr-serverless
	entityresolution es event-processor.health events events.managedservices events.workmail evs finops-agent
	finspace firehose fis fms forecast frauddetector freertos fsx gamelift glacier globalaccelerator glue grafana
	greengrass groundstation guardduty health healthlake honeycode iam imagebuilder importexport inspector
	inspector2 internetmonitor iot iotanalytics iotevents iotmanagedintegrations iotroborunner iotsitewise
	iotthingsgraph iottwinmaker ivs job.sagemaker justintimeaccess.ssm kafka kafka.application-autoscaling
	kafkaconnect kendra kinesis kinesisanalytics kinesisreplication.dynamodb kms lakeformation lambda
	lambda.alarms.cloudwatch lambda.application-autoscaling launchwizard lex lexv2 license-management.marketplace
	license-manager license-manager-user-subscriptions license-manager.member-account lightsail logger.cloudfront
	logs lookoutequipment lookoutmetrics m2 machinelearning macie maintenance.elasticbeanstalk
	malware-protection-plan.guardduty malware-protection.guardduty managedblockchain managedservices
	managedupdates.elasticbeanstalk mediaconnect mediaconvert mediapackage mediastore mediatailor medical-imaging
	meetings.chime member.org.stacksets.cloudformation memorydb metrics.wellarchitected mgn migrationhub
	migrationhub-orchestrator migrationhub-strategy mobileanalytics mobilehub monitoring.rds monitoring.thinclient
	monitron mpa mq neptune-graph neptune.application-autoscaling network-connectors.lambda network-firewall
	network-security-director network-security-manager network.bedrock-agentcore networkmanager notifications
	notifications.ssm observability.aoss observabilityadmin odb omics opensearchservice ops.apigateway
	ops.emr-serverless opsworks opsworks-cm organizations orgsdatasync.servicecatalog osis outposts panorama
	partnercentral-account-management pcs permission.iq personalize pinpoint pipes pods.eks
	practice-run.arc-zonal-shift private-marketplace.marketplace profile proton purchaseorders q qapps qbusiness
	qldb quicksight ram rds rds-preview rds.application-autoscaling redshift redshift-data redshift-serverless
	refactor-spaces rekognition remediation.config replication.cassandra replication.dynamodb replication.ecr
	replication.lexv2 replication.s3tables replicator.lambda reporting.trustedadvisor
	repository.sync.codeconnections repostspace resale-authorization.marketplace researchstudio resource-explorer-2
	resource-groups resource-snapshot-job.partnercentral-selling restore-testing.backup robomaker rolesanywhere
	route53 route53domains route53resolver rtbfabric runtime-identity.bedrock-agentcore
	runtime-instances.bedrock-agentcore s3 s3-outposts s3.data-source.lustre.fsx sagemaker sagemaker-geospatial
	sagemaker.application-autoscaling scaler.lambda scheduler schema-conversion.dms schemas scraper.aps
	secretsmanager security-ir securityagent securityhub securityhubv2 securitylake self-managed-vpce.osis
	serverlessrepo servicecatalog servicecatalog-appregistry servicediscovery servicequotas ses shield signer signin
	sms sms-voice smsintegration.migrationhub sns social-messaging spot spotfleet sqlworkbench sqs ssm
	ssm-guiconnect ssm-incidents ssm-quicksetup ssm-sap ssm.integrations sso states storagegateway
	streams.metrics.cloudwatch sts support supportplans swf sync.proton synthetics tagpolicies.tag
	telemetry-enablement.observabilityadmin telemetry-pipelines.observabilityadmin textract thirdparty.config
	thirdparty.inspector2 timestream timestream-influxdb transcribe transfer transform-custom transitgateway
	translate triage.security-ir trustedadvisor tts vmie vpc-flow-logs vpc-lattice vpcorigin.cloudfront waf
	waf-regional wafv2 wam wellarchitected workdocs worklink workmail workspaces workspaces-instances
	workspaces.application-autoscaling xray`)

// serviceEndpoints are the names in services' endpoints and signatures as
// botocore 1.44.8 has them (Apache-2.0, 2026-10), and those that older lists of
// principals add, as far as they are not known to be principals.
var serviceEndpoints = namesOf(`
	abuse abuse-signal accessanalyzer account-access-runtime agent-discovery agent-registry-control
	agreement-marketplace aidevops amazonmq amp amplifybackend amplifyuibuilder aoss apigatewaymanagementapi
	apigatewayv2 apiportal appconfig appconfigdata appintegrations application-cost-profiler application-signals
	applicationcostprofiler applicationinsights appstream2 arc-region-switch arc-zonal-shift aws-marketplace
	awsssoportal b2bi backup-gateway backup-search backupsearch bcm-dashboards bcm-pricing-calculator
	bcm-recommended-actions bedrock-agent bedrock-agent-runtime bedrock-agentcore-control bedrock-data-automation
	bedrock-data-automation-runtime bedrock-runtime billing billingconductor billingconsole cases cassandra ce
	chime-sdk-identity chime-sdk-media-pipelines chime-sdk-meetings chime-sdk-messaging chime-sdk-voice cleanroomsml
	cloudcontrol cloudcontrolapi cloudfront-keyvaluestore cloudhsmv2 cloudsearchdomain cloudtrail-data
	cloudwatch-omni cloudwatchomni codeconnections codeguruprofiler codestar-connections comprehendmedical
	compute-optimizer-automation connect-contact-lens connectcampaigns connectcampaignsv2 connectcases connecthealth
	connectparticipant connectscheduling contact-lens continuum controlcatalog cost-optimization-hub cur
	customer-profiles data-signer deadline deployment-marketplace devicefarm devops-agent discovery-marketplace
	docdb ds-data dynamodbstreams ebs ecr-public efs eks-auth elasticache-snapshot elb elbv2 elemental-inference
	elementalinference email emr end-user-messaging endusermessaging eventbridgev2 eventsv2 execute-api
	forecastquery freetier galaxy gameliftstreams geo geo-maps geo-places geo-routes greengrassv2 health-agent
	iam-toolbox identity-chime identitystore inspector-scan interconnect invoicing iot-data iot-jobs-data
	iot-managed-integrations iotdata iotdeviceadvisor iotfleetwise iotsecuretunneling iotwireless ivs-realtime
	ivschat ivsrealtime jellyfish kendra-ranking keyspaces keyspacesstreams kinesis-video-archived-media
	kinesis-video-media kinesis-video-signaling kinesis-video-webrtc-storage kinesisanalyticsv2 kinesisvideo
	lambda-core lambda-microvms lambda-web launch-wizard lex-models lex-runtime lexv2-models lexv2-runtime
	license-manager-linux-subscriptions location macie2 mail-manager mailmanager managedblockchain-query
	marketplace-agreement marketplace-catalog marketplace-deployment marketplace-discovery marketplace-entitlement
	marketplace-reporting marketplacecommerceanalytics media-pipelines-chime medialive mediapackage-vod
	mediapackagev2 mediastore-data meetings-chime memory-db messaging-chime metering-marketplace meteringmarketplace
	mgh migration-hub-refactor-spaces migrationhub-config migrationhuborchestrator migrationhubstrategy
	mobiletargeting models-v2-lex monitoring mturk mturk-requester mwaa mwaa-serverless neptune neptune-db
	neptunedata networkflowmonitor networkmonitor notifications-contacts notificationscontacts nova-act oam oidc
	opensearch opensearchmemory opensearchserverless osm partnercentral partnercentral-account
	partnercentral-benefits partnercentral-channel partnercentral-marketing partnercentral-prm
	partnercentral-revenue-measurement partnercentral-selling payment-cryptography payment-cryptography-data
	payments pca-connector-ad pca-connector-scep personalize-events personalize-runtime pi pinpoint-email
	pinpoint-sms-voice pinpoint-sms-voice-v2 polly pricing pricing-plan-manager pricingplanmanager qconnect rbin
	rds-data reporting-marketplace resiliencehub resiliencehubv2 resourcegroupstaggingapi route53-recovery-cluster
	route53-recovery-control-config route53-recovery-readiness route53globalresolver route53profiles rum
	runtime-v2-lex s3-control s3control s3files s3outposts s3tables s3vectors sagemaker-a2i-runtime sagemaker-edge
	sagemaker-featurestore-runtime sagemaker-gateway-runtime sagemaker-inference-router-runtime sagemaker-metrics
	sagemaker-runtime sagemakerjobruntime sagemakertrainingsessionruntime savingsplans scn sdb service-quotas sesv2
	signer-data simpledbv2 snow-device-management snowball socialmessaging ssm-contacts sso-admin sso-oauth sso-oidc
	stepfunctions supplychain support-app supportapp supportauthz sustainability tagging tax taxsettings thinclient
	timestream-query timestream-write uxc verifiedpermissions voice-chime voice-id voiceid wickr wisdom
	workmailmessageflow workspaces-thin-client workspaces-web`)
