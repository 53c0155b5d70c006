// Makes cdk.out beside it: npm install aws-cdk-lib constructs && node app.js. Of what it makes, the manifest is kept
// without its tree and reports.
const cdk = require('aws-cdk-lib');
const cf = require('aws-cdk-lib/aws-cloudfront');
const origins = require('aws-cdk-lib/aws-cloudfront-origins');
const lambda = require('aws-cdk-lib/aws-lambda');
const s3 = require('aws-cdk-lib/aws-s3');
const ssm = require('aws-cdk-lib/aws-ssm');
class Policies extends cdk.NestedStack {
  constructor(scope, id) { super(scope, id);
    this.policy = new cf.CachePolicy(this, 'Short', { cachePolicyName: 'short', defaultTtl: cdk.Duration.minutes(5), enableAcceptEncodingGzip: true });
  }
}
class Site extends cdk.NestedStack {
  constructor(scope, id, { policy, bucket, version }) { super(scope, id);
    new cf.Distribution(this, 'Site', { comment: 'nested', defaultBehavior: {
      origin: origins.S3BucketOrigin.withOriginAccessIdentity(bucket, { originId: 'files' }), cachePolicy: policy,
      edgeLambdas: [{ functionVersion: version, eventType: cf.LambdaEdgeEventType.ORIGIN_REQUEST }] },
      additionalBehaviors: { '/api/*': { origin: new origins.HttpOrigin(ssm.StringParameter.valueForStringParameter(this, '/site/api'), { originId: 'api' }), cachePolicy: cf.CachePolicy.CACHING_DISABLED } } });
  }
}
const app = new cdk.App({ outdir: 'cdk.out' });
const stack = new cdk.Stack(app, 'Nested', { env: { account: '123456789012', region: 'us-east-1' } });
const bucket = new s3.Bucket(stack, 'Files');
const fn = new lambda.Function(stack, 'Edge', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async (e) => e.Records[0].cf.request;') });
const policies = new Policies(stack, 'Policies');
new Site(stack, 'Web', { policy: policies.policy, bucket, version: fn.currentVersion });
app.synth();
