package sam

// deployment is how new versions of a function come into use.
type deployment struct {
	*source
	preference *node
	condition  *node
}

const (
	deploymentApplication = "ServerlessDeploymentApplication"
	deploymentRole        = "CodeDeployServiceRole"
)

// prefer notes the function's DeploymentPreference.
func (f *lambda) prefer() error {
	preference := f.get("DeploymentPreference")
	if !given(preference) {
		return nil
	}
	enabled := f.x.resolve(preference.Get("Enabled"))
	if enabled != nil && (!given(enabled) || enabled.String() == "false" || enabled.String() == "False") {
		return nil
	}
	switch {
	case preference.Get("Type") == nil:
		return invalid(f.id, "'DeploymentPreference' is missing required Property 'Type'")
	case f.alias == nil:
		return invalid(f.id, "'DeploymentPreference' requires AutoPublishAlias property to be specified.")
	}
	d := &deployment{source: f.source, preference: preference}
	if passed := f.x.resolve(preference.Get("PassthroughCondition")); given(passed) && passed.String() != "false" {
		d.condition = f.raw.Get("Condition")
	}
	f.x.deployments = append(f.x.deployments, d)
	hooks := preference.Get("Hooks")
	f.alias.attribute("UpdatePolicy", object("CodeDeployLambdaAliasUpdate", object(
		"ApplicationName", ref(deploymentApplication), "DeploymentGroupName", ref(f.id+"DeploymentGroup"),
		"BeforeAllowTrafficHook", hooks.Get("PreTraffic"), "AfterAllowTrafficHook", hooks.Get("PostTraffic"),
	)))
	return nil
}

// deploy makes what CodeDeploy needs for all functions.
func (x *expansion) deploy() {
	if x.deployments == nil {
		return
	}
	condition := x.deployIf()
	x.put(deploymentApplication, object("Type", "AWS::CodeDeploy::Application", "Condition", condition, "Properties", object("ComputePlatform", "Lambda")))
	ownRole := false
	for _, d := range x.deployments {
		ownRole = ownRole || !given(d.preference.Get("Role"))
	}
	if ownRole {
		x.put(deploymentRole, object("Type", "AWS::IAM::Role", "Condition", condition, "Properties", object(
			"AssumeRolePolicyDocument", trust("codedeploy.amazonaws.com"),
			"ManagedPolicyArns", list(x.managed("service-role/AWSCodeDeployRoleForLambda")),
		)))
	}
	for _, d := range x.deployments {
		role := d.preference.Get("Role")
		if !given(role) {
			role = getAtt(deploymentRole, "Arn")
		}
		x.put(d.id+"DeploymentGroup", placed(object(
			"Type", "AWS::CodeDeploy::DeploymentGroup", "Condition", d.condition,
			"Properties", object(
				"ApplicationName", ref(deploymentApplication), "ServiceRoleArn", role,
				"AutoRollbackConfiguration", object("Enabled", true, "Events", []string{
					"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST",
				}),
				"DeploymentConfigName", sub("CodeDeployDefault.Lambda${ConfigName}", object("ConfigName", d.preference.Get("Type"))),
				"DeploymentStyle", object("DeploymentType", "BLUE_GREEN", "DeploymentOption", "WITH_TRAFFIC_CONTROL"),
			),
		), d.at))
	}
}

// deployIf is the condition on which anything is deployed so; nil: always.
func (x *expansion) deployIf() *node {
	var all []*node
	for _, d := range x.deployments {
		if d.condition == nil {
			return nil
		}
		if one := object("Condition", d.condition); !has(add(nil, all...), one) {
			all = append(all, one)
		}
	}
	if len(all) == 1 {
		return x.deployments[0].condition
	}
	const name = "ServerlessCodeDeployCondition"
	x.condition(name, object("Fn::Or", add(nil, all...)))
	return toNode(name)
}
