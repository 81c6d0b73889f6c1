package inventory_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/servertest"
)

// Trails are listed with what they log and whether their files arrive.
func TestTrails(t *testing.T) {
	w := newWorld(t, keyFixtures)
	servertest.TrailBucket(t, w.Server, "logs")
	c, ctx := cloudtrail.NewFromConfig(w.config("123456789012")), t.Context()
	must(c.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("audit"), S3BucketName: aws.String("logs"), IsMultiRegionTrail: aws.Bool(true)}))(t)
	must(c.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String("audit")}))(t)
	must(c.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String("audit"), AdvancedEventSelectors: []trailtypes.AdvancedEventSelector{
		{FieldSelectors: []trailtypes.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}}},
		{FieldSelectors: []trailtypes.AdvancedFieldSelector{
			{Field: aws.String("eventCategory"), Equals: []string{"Data"}}, {Field: aws.String("resources.type"), Equals: []string{"AWS::SQS::Queue"}},
			{Field: aws.String("resources.ARN"), Equals: []string{orders}},
		}},
		{FieldSelectors: []trailtypes.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Data"}}, {Field: aws.String("resources.type"), Equals: []string{"AWS::SNS::Topic"}}}},
	}}))(t)
	must(c.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("idle"), S3BucketName: aws.String("logs")}))(t)
	must(c.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String("idle"), EventSelectors: []trailtypes.EventSelector{{
		DataResources: []trailtypes.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::logs/"}}},
	}}}))(t)
	want := []any{
		object{
			"arn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit", "name": "audit", "account": "123456789012", "region": "us-east-1", "bucket": "logs",
			"multiRegion": true, "validation": false, "logging": true, "dataEvents": []any{orders, "AWS::SNS::Topic"},
		},
		object{
			"arn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/idle", "name": "idle", "account": "123456789012", "region": "us-east-1", "bucket": "logs",
			"multiRegion": false, "validation": false, "logging": false, "dataEvents": []any{"arn:aws:s3:::logs/"},
		},
	}
	var got struct{ Trails []any }
	w.get("trails", &got)
	if diff := cmp.Diff(want, got.Trails); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	audit := func() object {
		w.get("trails", &got)
		return got.Trails[0].(object)
	}
	w.clock.Advance(10 * time.Minute)
	servertest.Eventually(t, "a delivery", func() bool { return audit()["lastDelivery"] != nil })
	if e := audit()["lastError"]; e != nil {
		t.Errorf("the error is %v", e)
	}
	open := s3.NewFromConfig(w.config("123456789012"), func(o *s3.Options) { o.UsePathStyle = true })
	must(open.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String("logs")}))(t)
	w.clock.Advance(10 * time.Minute)
	servertest.Eventually(t, "an error", func() bool { return audit()["lastError"] == "AccessDenied" })
}

// Rules are listed with their targets.
func TestRules(t *testing.T) {
	w := newWorld(t, keyFixtures)
	c, ctx := eventbridge.NewFromConfig(w.config("123456789012")), t.Context()
	must(c.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: aws.String("shop")}))(t)
	must(c.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("bought"), EventBusName: aws.String("shop"), EventPattern: aws.String(`{"source":["shop"]}`), State: types.RuleStateDisabled}))(t)
	must(c.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("nightly"), ScheduleExpression: aws.String("rate(1 day)")}))(t)
	must(c.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("nightly"), Targets: []types.Target{{
		Id: aws.String("q"), Arn: aws.String(orders), RoleArn: aws.String(producer), DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:us-east-1:123456789012:plain")},
	}}}))(t)
	want := []any{
		object{
			"arn": "arn:aws:events:us-east-1:123456789012:rule/nightly", "name": "nightly", "bus": "default", "account": "123456789012", "region": "us-east-1", "state": "ENABLED",
			"schedule": "rate(1 day)", "next": "2026-01-03T03:04:05Z",
			"targets": []any{object{"id": "q", "arn": orders, "roleArn": producer, "deadLetterTarget": "arn:aws:sqs:us-east-1:123456789012:plain"}},
		},
		object{
			"arn": "arn:aws:events:us-east-1:123456789012:rule/shop/bought", "name": "bought", "bus": "shop", "account": "123456789012", "region": "us-east-1", "state": "DISABLED",
			"pattern": `{"source":["shop"]}`, "targets": []any{},
		},
	}
	var got struct{ Rules []any }
	w.get("rules?region=us-east-1", &got)
	if diff := cmp.Diff(want, got.Rules); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// VPC endpoints of all accounts and regions are listed with their policies.
func TestEndpointsEverywhere(t *testing.T) {
	w := newWorld(t, "")
	ctx := t.Context()
	made := map[string]string{} // the region by id
	for account, region := range map[string]string{"123456789012": "us-east-1", "210987654321": "eu-west-1"} {
		c := ec2.NewFromConfig(w.config(account), func(o *ec2.Options) { o.Region = region })
		vpc := must(c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")}))(t).Vpc.VpcId
		subnet := must(c.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.0.0.0/24")}))(t).Subnet.SubnetId
		policy := servertest.PolicyText(`{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`)
		e := must(c.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
			VpcId: vpc, ServiceName: aws.String("com.amazonaws." + region + ".sqs"), VpcEndpointType: ec2types.VpcEndpointTypeInterface, SubnetIds: []string{*subnet}, PolicyDocument: &policy, PrivateDnsEnabled: aws.Bool(false),
			TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeVpcEndpoint, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String("app")}}}},
		}))(t).VpcEndpoint.VpcEndpointId
		made[*e] = region
		var got struct{ Endpoints []object }
		w.get("vpc-endpoints?account=all&region="+region, &got)
		if len(got.Endpoints) != 1 {
			t.Fatalf("%v", got.Endpoints)
		}
		delete(got.Endpoints[0], "securityGroups")
		want := object{
			"id": *e, "arn": "arn:aws:ec2:" + region + ":" + account + ":vpc-endpoint/" + *e, "name": "app", "service": "sqs", "type": "Interface", "vpc": *vpc,
			"account": account, "region": region, "state": "available", "policy": policy, "subnets": []any{*subnet}, "privateDns": false,
		}
		if diff := cmp.Diff(want, got.Endpoints[0]); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	var got struct{ Endpoints []struct{ ID, Region string } }
	w.get("vpc-endpoints?account=all", &got)
	for _, e := range got.Endpoints {
		if made[e.ID] != e.Region {
			t.Errorf("%+v", e)
		}
	}
	if len(got.Endpoints) != 2 {
		t.Errorf("%+v", got.Endpoints)
	}
	if w.get("vpc-endpoints", &got); len(got.Endpoints) != 1 || got.Endpoints[0].Region != "us-east-1" {
		t.Errorf("of the default account and region: %+v", got.Endpoints)
	}
}
