// Makes cdk.out beside it: npm install aws-cdk-lib constructs && node app.js. Of what it makes, the manifest is kept
// without its tree and reports, and the asset of CDK's own custom resource is left out.
const cdk = require('aws-cdk-lib');
const cf = require('aws-cdk-lib/aws-cloudfront');
const origins = require('aws-cdk-lib/aws-cloudfront-origins');
const s3 = require('aws-cdk-lib/aws-s3');
const lambda = require('aws-cdk-lib/aws-lambda');
class SiteStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const bucket = new s3.Bucket(this, 'Assets');
    const rewrite = new cf.Function(this, 'Rewrite', {
      code: cf.FunctionCode.fromFile({ filePath: 'fn/rewrite.js' }),
      runtime: cf.FunctionRuntime.JS_2_0,
      keyValueStore: new cf.KeyValueStore(this, 'Routes', { keyValueStoreName: 'routes' }),
    });
    const auth = new cf.experimental.EdgeFunction(this, 'Auth', {
      runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset('edge'),
    });
    new cf.Distribution(this, 'Site', {
      defaultRootObject: 'index.html',
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(bucket),
        viewerProtocolPolicy: cf.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        functionAssociations: [{ function: rewrite, eventType: cf.FunctionEventType.VIEWER_REQUEST }],
        cachePolicy: new cf.CachePolicy(this, 'Short', { defaultTtl: cdk.Duration.minutes(5) }),
      },
      additionalBehaviors: {
        '/api/*': {
          origin: new origins.HttpOrigin('api.example.com'),
          cachePolicy: cf.CachePolicy.CACHING_DISABLED,
          originRequestPolicy: cf.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          allowedMethods: cf.AllowedMethods.ALLOW_ALL,
          edgeLambdas: [{ functionVersion: auth.currentVersion, eventType: cf.LambdaEdgeEventType.ORIGIN_REQUEST }],
        },
      },
    });
  }
}
const app = new cdk.App({ outdir: 'cdk.out' });
for (const name of ['Dev', 'Prod']) new SiteStack(app, name, { env: { account: '123456789012', region: 'eu-central-1' } });
app.synth();
