// The sites beside this folder once more, by the AWS CDK: npm install aws-cdk-lib constructs && node app.js
// Of what it makes, the manifest is kept without its tree and reports.
const path = require('path');
const cdk = require('aws-cdk-lib');
const cf = require('aws-cdk-lib/aws-cloudfront');
const origins = require('aws-cdk-lib/aws-cloudfront-origins');
const elb = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const acm = require('aws-cdk-lib/aws-certificatemanager');
const lambda = require('aws-cdk-lib/aws-lambda');
const s3 = require('aws-cdk-lib/aws-s3');

process.chdir(path.join(__dirname, '..'));
const app = new cdk.App({ outdir: 'cdk/cdk.out', analyticsReporting: false });
const { minutes, hours, days, seconds } = cdk.Duration;
const HTTPS = cf.ViewerProtocolPolicy.HTTPS_ONLY;
const TO_HTTPS = cf.ViewerProtocolPolicy.REDIRECT_TO_HTTPS;
const ALL = cf.AllowedMethods.ALLOW_ALL;
const READ = cf.AllowedMethods.ALLOW_GET_HEAD_OPTIONS;
const OFF = cf.CachePolicy.CACHING_DISABLED;
const BY_ORIGIN = cf.CachePolicy.USE_ORIGIN_CACHE_CONTROL_HEADERS;
const ALL_VIEWER = cf.OriginRequestPolicy.ALL_VIEWER;
const NOT_HOST = cf.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER;

function site(name, build) {
  const stack = new cdk.Stack(app, name, {
    env: { account: '123456789012', region: 'us-east-1' },
    synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const props = build(stack);
  new cf.Distribution(stack, 'Site', { enableIpv6: true, httpVersion: cf.HttpVersion.HTTP2, ...props });
}
// The construct of before cache policies: it calls its origins origin1, origin2...
function old(name, build) {
  const stack = new cdk.Stack(app, name, {
    env: { account: '123456789012', region: 'us-east-1' },
    synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  new cf.CloudFrontWebDistribution(stack, 'Site', {
    viewerProtocolPolicy: cf.ViewerProtocolPolicy.ALLOW_ALL, defaultRootObject: '', ...build(stack),
  });
}
const http = (originId, domain, props = {}) => new origins.HttpOrigin(domain, { originId, ...props });
function bucket(stack, originId, bucketName, props = {}) {
  const files = new s3.Bucket(stack, `Bucket-${originId}`, { bucketName });
  return origins.S3BucketOrigin.withOriginAccessControl(files, { originId, ...props });
}
function jsFunction(stack, name, file, props = {}) {
  return new cf.Function(stack, name, {
    functionName: name,
    code: cf.FunctionCode.fromFile({ filePath: `functions/${file}` }),
    runtime: cf.FunctionRuntime.JS_2_0,
    ...props,
  });
}
const atRequest = (fn) => [{ function: fn, eventType: cf.FunctionEventType.VIEWER_REQUEST }];

site('spa', (stack) => ({
  httpVersion: cf.HttpVersion.HTTP2_AND_3,
  defaultRootObject: 'index.html',
  defaultBehavior: {
    origin: bucket(stack, 'files', 'spa-files'),
    viewerProtocolPolicy: TO_HTTPS,
    responseHeadersPolicy: cf.ResponseHeadersPolicy.SECURITY_HEADERS,
  },
  errorResponses: [403, 404].map((httpStatus) => ({
    httpStatus, responseHttpStatus: 200, responsePagePath: '/index.html', ttl: seconds(0),
  })),
}));
site('api-and-spa', (stack) => ({
  defaultRootObject: 'index.html',
  defaultBehavior: { origin: bucket(stack, 'files', 'shop-files'), viewerProtocolPolicy: TO_HTTPS },
  additionalBehaviors: {
    '/api/*': {
      origin: http('api', 'api.example.com', { readTimeout: seconds(20) }),
      viewerProtocolPolicy: HTTPS, allowedMethods: ALL, cachePolicy: OFF, originRequestPolicy: NOT_HOST,
    },
  },
}));
site('image-resizing', (stack) => {
  const resize = new cf.experimental.EdgeFunction(stack, 'Resize', {
    functionName: 'resize', runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
    code: lambda.Code.fromAsset('lambdas/resize'), memorySize: 1024, timeout: seconds(20),
  });
  const cachePolicy = new cf.CachePolicy(stack, 'BySize', {
    cachePolicyName: 'by-size', minTtl: hours(1), defaultTtl: days(1), maxTtl: days(365),
    headerBehavior: cf.CacheHeaderBehavior.allowList('Accept'),
    queryStringBehavior: cf.CacheQueryStringBehavior.allowList('w', 'h', 'format'),
  });
  return {
    defaultBehavior: {
      origin: bucket(stack, 'images', 'photo-originals'), viewerProtocolPolicy: TO_HTTPS, cachePolicy, compress: false,
      edgeLambdas: [{ functionVersion: resize.currentVersion, eventType: cf.LambdaEdgeEventType.ORIGIN_RESPONSE }],
    },
  };
});
site('auth-at-edge', (stack) => {
  const auth = new cf.experimental.EdgeFunction(stack, 'Auth', {
    functionName: 'check-login', runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
    code: lambda.Code.fromAsset('lambdas/auth'), timeout: seconds(5),
  });
  const origin = http('app', 'intranet.example.com');
  return {
    defaultBehavior: {
      origin, viewerProtocolPolicy: HTTPS,
      edgeLambdas: [{ functionVersion: auth.currentVersion, eventType: cf.LambdaEdgeEventType.VIEWER_REQUEST }],
    },
    additionalBehaviors: {
      '/login/*': {
        origin, viewerProtocolPolicy: HTTPS, allowedMethods: ALL, cachePolicy: OFF, originRequestPolicy: ALL_VIEWER,
      },
    },
  };
});
site('experiment', (stack) => {
  const keyValueStore = new cf.KeyValueStore(stack, 'Variants', { keyValueStoreName: 'variants' });
  const cachePolicy = new cf.CachePolicy(stack, 'ByVariant', {
    cachePolicyName: 'by-variant', minTtl: seconds(0), defaultTtl: minutes(5), maxTtl: hours(1),
    cookieBehavior: cf.CacheCookieBehavior.allowList('variant'),
    enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
  });
  return {
    defaultBehavior: {
      origin: http('app', 'www-origin.example.com'), viewerProtocolPolicy: TO_HTTPS, cachePolicy,
      functionAssociations: atRequest(jsFunction(stack, 'choose-variant', 'experiment.js', { keyValueStore })),
    },
  };
});
site('failover', () => ({
  defaultBehavior: {
    origin: new origins.OriginGroup({
      primaryOrigin: http('primary', 'eu.example.com', {
        connectionAttempts: 2, connectionTimeout: seconds(3), readTimeout: seconds(10),
      }),
      fallbackOrigin: http('secondary', 'us.example.com'),
      fallbackStatusCodes: [500, 502, 503],
    }),
    viewerProtocolPolicy: TO_HTTPS, allowedMethods: READ,
  },
}));
site('signed-video', (stack) => {
  const origin = bucket(stack, 'films', 'films');
  const encodedKey = [
    '-----BEGIN PUBLIC KEY-----',
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAp0CmRbgyW8hIxPqRLEHP',
    'J8RInTHYQYMYxCuwnJvEwCVmQdRNtcZlvVSXZEzRY/M9Hh8GtRiWg3nkgg0GQmtN',
    'SMMKYrlZ9ZpvqEXJsLNMyqcMRCsyrBs3bIGhLHE3CpfpaRDlqGuZYHBFmZ5dMRFq',
    '-----END PUBLIC KEY-----',
    '',
  ].join('\n');
  const key = new cf.PublicKey(stack, 'Signer', { publicKeyName: 'signer', encodedKey });
  return {
    defaultBehavior: {
      origin, viewerProtocolPolicy: HTTPS, compress: false,
      cachePolicy: cf.CachePolicy.CACHING_OPTIMIZED_FOR_UNCOMPRESSED_OBJECTS,
      responseHeadersPolicy: cf.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS,
      trustedKeyGroups: [new cf.KeyGroup(stack, 'Signers', { keyGroupName: 'signers', items: [key] })],
    },
    additionalBehaviors: { '/posters/*': { origin, viewerProtocolPolicy: TO_HTTPS } },
  };
});
old('legacy-identity', (stack) => ({
  originConfigs: [{
    s3OriginSource: {
      s3BucketSource: new s3.Bucket(stack, 'Files', { bucketName: 'old-downloads' }),
      originAccessIdentity: new cf.OriginAccessIdentity(stack, 'Identity', { comment: 'downloads' }),
    },
    behaviors: [{
      isDefaultBehavior: true, compress: false, minTtl: seconds(0), defaultTtl: hours(1), maxTtl: days(1),
      forwardedValues: { queryString: false, cookies: { forward: 'none' } },
    }],
  }],
}));
old('forwarded-values', () => ({
  originConfigs: [{
    customOriginSource: {
      domainName: 'legacy.example.com', originProtocolPolicy: cf.OriginProtocolPolicy.MATCH_VIEWER,
    },
    behaviors: [
      {
        isDefaultBehavior: true, compress: false, allowedMethods: cf.CloudFrontAllowedMethods.ALL,
        minTtl: seconds(0), defaultTtl: seconds(60), maxTtl: seconds(300),
        forwardedValues: {
          queryString: true, queryStringCacheKeys: ['page', 'lang'], headers: ['Host', 'CloudFront-Forwarded-Proto'],
          cookies: { forward: 'whitelist', whitelistedNames: ['PHPSESSID', 'wp-*'] },
        },
      },
      {
        pathPattern: '/static/*', compress: true,
        minTtl: days(1), defaultTtl: days(7), maxTtl: days(365),
        forwardedValues: { queryString: false, cookies: { forward: 'none' } },
      },
    ],
  }],
}));
site('origin-shield', () => ({
  defaultBehavior: {
    origin: http('api', 'api.eu.example.com', {
      originPath: '/v2', connectionTimeout: seconds(5), responseCompletionTimeout: seconds(60),
      originShieldRegion: 'eu-central-1', customHeaders: { 'X-From-Edge': 'yes' },
      keepaliveTimeout: seconds(60), readTimeout: seconds(45),
    }),
    viewerProtocolPolicy: HTTPS, cachePolicy: BY_ORIGIN,
  },
}));
site('wordpress', (stack) => {
  const origin = http('wordpress', 'wp.example.com', {
    protocolPolicy: cf.OriginProtocolPolicy.HTTP_ONLY, httpPort: 8080,
  });
  const editors = {
    origin, viewerProtocolPolicy: TO_HTTPS, allowedMethods: ALL, cachePolicy: OFF, originRequestPolicy: ALL_VIEWER,
  };
  return {
    defaultBehavior: {
      origin, viewerProtocolPolicy: TO_HTTPS, allowedMethods: ALL,
      cachePolicy: new cf.CachePolicy(stack, 'Readers', {
        cachePolicyName: 'readers', minTtl: seconds(1), defaultTtl: minutes(10), maxTtl: days(1),
        headerBehavior: cf.CacheHeaderBehavior.allowList('Host'),
        cookieBehavior: cf.CacheCookieBehavior.allowList(
          'comment_author_*', 'wordpress_logged_in_*', 'wp-postpass_*',
        ),
        queryStringBehavior: cf.CacheQueryStringBehavior.denyList(
          'utm_source', 'utm_medium', 'utm_campaign', 'fbclid',
        ),
        enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
      }),
      originRequestPolicy: new cf.OriginRequestPolicy(stack, 'ForWordPress', {
        originRequestPolicyName: 'for-wordpress',
        headerBehavior: cf.OriginRequestHeaderBehavior.allowList(
          'Origin', 'Referer', 'CloudFront-Forwarded-Proto', 'CloudFront-Viewer-Country',
        ),
        cookieBehavior: cf.OriginRequestCookieBehavior.all(),
        queryStringBehavior: cf.OriginRequestQueryStringBehavior.all(),
      }),
    },
    additionalBehaviors: { '/wp-admin/*': editors, '*.php': editors },
  };
});
site('server-rendered', (stack) => {
  const server = new lambda.Function(stack, 'Server', {
    functionName: 'web-server', runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler',
    code: lambda.Code.fromAsset('lambdas/server'), memorySize: 1024, timeout: seconds(20),
  });
  const url = server.addFunctionUrl({
    authType: lambda.FunctionUrlAuthType.AWS_IAM, invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
  });
  const assets = bucket(stack, 'assets', 'web-assets', { originPath: '/_assets' });
  return {
    defaultBehavior: {
      origin: origins.FunctionUrlOrigin.withOriginAccessControl(url, { originId: 'server', readTimeout: seconds(20) }),
      viewerProtocolPolicy: TO_HTTPS, allowedMethods: ALL, originRequestPolicy: NOT_HOST,
      cachePolicy: new cf.CachePolicy(stack, 'ServerPages', {
        cachePolicyName: 'server-pages', minTtl: seconds(0), defaultTtl: seconds(0), maxTtl: days(365),
        headerBehavior: cf.CacheHeaderBehavior.allowList(
          'accept', 'rsc', 'next-router-prefetch', 'next-router-state-tree', 'next-url',
        ),
        queryStringBehavior: cf.CacheQueryStringBehavior.all(),
        enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
      }),
      functionAssociations: atRequest(jsFunction(stack, 'forwarded-host', 'forwarded-host.js')),
    },
    additionalBehaviors: {
      '_next/static/*': {
        origin: assets, viewerProtocolPolicy: TO_HTTPS, allowedMethods: READ,
        cachedMethods: cf.CachedMethods.CACHE_GET_HEAD_OPTIONS,
      },
      'favicon.ico': { origin: assets, viewerProtocolPolicy: TO_HTTPS },
    },
  };
});
site('website-endpoint', (stack) => ({
  defaultBehavior: {
    origin: new origins.S3StaticWebsiteOrigin(
      new s3.Bucket(stack, 'Pages', {
        bucketName: 'my-pages', websiteIndexDocument: 'index.html', websiteErrorDocument: '404.html',
      }),
      { originId: 'pages', customHeaders: { Referer: 'from-cloudfront' } },
    ),
    viewerProtocolPolicy: TO_HTTPS,
  },
  errorResponses: [{ httpStatus: 404, ttl: minutes(1) }],
}));
site('geo-blocked', () => ({
  geoRestriction: cf.GeoRestriction.allowlist('DE', 'AT', 'CH'),
  defaultBehavior: { origin: http('app', 'tv.example.com'), viewerProtocolPolicy: TO_HTTPS },
  errorResponses: [
    { httpStatus: 403, responseHttpStatus: 403, responsePagePath: '/not-here.html', ttl: seconds(10) },
  ],
}));
site('cors-fonts', (stack) => ({
  defaultBehavior: {
    origin: bucket(stack, 'fonts', 'public-fonts', {
      originAccessControl: new cf.S3OriginAccessControl(stack, 'Control', {
        signing: new cf.Signing(cf.SigningProtocol.SIGV4, cf.SigningBehavior.NO_OVERRIDE),
      }),
    }),
    viewerProtocolPolicy: HTTPS, allowedMethods: READ, cachedMethods: cf.CachedMethods.CACHE_GET_HEAD_OPTIONS,
    originRequestPolicy: cf.OriginRequestPolicy.CORS_S3_ORIGIN,
    responseHeadersPolicy: new cf.ResponseHeadersPolicy(stack, 'Cors', {
      responseHeadersPolicyName: 'fonts-cors',
      corsBehavior: {
        accessControlAllowCredentials: false,
        accessControlAllowHeaders: ['*'],
        accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
        accessControlAllowOrigins: ['https://*.example.com', 'https://example.org'],
        accessControlExposeHeaders: ['ETag'],
        accessControlMaxAge: minutes(10),
        originOverride: true,
      },
    }),
  },
}));
site('security-headers', (stack) => ({
  httpVersion: cf.HttpVersion.HTTP2_AND_3,
  defaultBehavior: {
    origin: http('app', 'bank.example.com'),
    viewerProtocolPolicy: HTTPS,
    responseHeadersPolicy: new cf.ResponseHeadersPolicy(stack, 'Hardened', {
      responseHeadersPolicyName: 'hardened',
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'self'; img-src *", override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cf.HeadersFrameOption.DENY, override: true },
        referrerPolicy: {
          referrerPolicy: cf.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true,
        },
        strictTransportSecurity: {
          accessControlMaxAge: days(730), includeSubdomains: true, preload: true, override: true,
        },
        xssProtection: { protection: true, modeBlock: true, override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'Permissions-Policy', value: 'camera=(), microphone=()', override: true },
          { header: 'X-Team', value: 'web', override: false },
        ],
      },
      removeHeaders: ['X-Powered-By', 'Server'],
      serverTimingSamplingRate: 25,
    }),
  },
}));
site('downloads', (stack) => ({
  priceClass: cf.PriceClass.PRICE_CLASS_100,
  defaultBehavior: {
    origin: http('files', 'files.example.com', { httpsPort: 8443, readTimeout: seconds(60) }),
    viewerProtocolPolicy: TO_HTTPS, compress: false,
    cachePolicy: new cf.CachePolicy(stack, 'Forever', {
      cachePolicyName: 'forever', minTtl: days(30), defaultTtl: days(365), maxTtl: days(365),
    }),
  },
}));
site('websocket', () => {
  const origin = http('chat', 'chat.example.com', { keepaliveTimeout: seconds(60) });
  return {
    httpVersion: cf.HttpVersion.HTTP1_1,
    defaultBehavior: { origin, viewerProtocolPolicy: TO_HTTPS },
    additionalBehaviors: {
      '/socket': {
        origin, viewerProtocolPolicy: HTTPS, allowedMethods: ALL, cachePolicy: OFF, originRequestPolicy: ALL_VIEWER,
        compress: false,
      },
    },
  };
});
site('graphql', (stack) => ({
  defaultBehavior: {
    origin: http('graphql', 'graphql.example.com'),
    viewerProtocolPolicy: HTTPS, allowedMethods: ALL, cachedMethods: cf.CachedMethods.CACHE_GET_HEAD_OPTIONS,
    cachePolicy: new cf.CachePolicy(stack, 'Queries', {
      cachePolicyName: 'graphql-queries', minTtl: seconds(0), defaultTtl: seconds(5), maxTtl: minutes(1),
      headerBehavior: cf.CacheHeaderBehavior.allowList('X-Tenant', 'Origin'),
      queryStringBehavior: cf.CacheQueryStringBehavior.allowList('query', 'variables', 'operationName'),
      enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
    }),
    originRequestPolicy: cf.OriginRequestPolicy.CORS_CUSTOM_ORIGIN,
    responseHeadersPolicy: cf.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS_WITH_PREFLIGHT,
  },
}));
site('maintenance', (stack) => ({
  defaultBehavior: {
    origin: http('shop', 'shop.example.com'), viewerProtocolPolicy: TO_HTTPS, cachePolicy: BY_ORIGIN,
  },
  additionalBehaviors: {
    '/errors/*': {
      origin: bucket(stack, 'pages', 'error-pages'), viewerProtocolPolicy: cf.ViewerProtocolPolicy.ALLOW_ALL,
    },
  },
  errorResponses: [
    ...[502, 503, 504].map((httpStatus) => ({
      httpStatus, responseHttpStatus: 503, responsePagePath: '/errors/down.html', ttl: seconds(5),
    })),
    { httpStatus: 404, responseHttpStatus: 404, responsePagePath: '/errors/404.html' },
  ],
}));
site('redirects', (stack) => ({
  domainNames: ['example.com', 'www.example.com'],
  certificate: acm.Certificate.fromCertificateArn(
    stack, 'Certificate', 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  ),
  minimumProtocolVersion: cf.SecurityPolicyProtocol.TLS_V1_2_2021,
  defaultBehavior: {
    origin: http('app', 'origin.example.com'),
    viewerProtocolPolicy: TO_HTTPS,
    functionAssociations: [
      ...atRequest(jsFunction(stack, 'to-bare-domain', 'www.js')),
      {
        function: jsFunction(stack, 'hsts', 'hsts.js', { runtime: cf.FunctionRuntime.JS_1_0 }),
        eventType: cf.FunctionEventType.VIEWER_RESPONSE,
      },
    ],
  },
}));
site('country-pages', (stack) => ({
  defaultBehavior: {
    origin: http('app', 'pages.example.com'),
    viewerProtocolPolicy: TO_HTTPS,
    cachePolicy: new cf.CachePolicy(stack, 'ByCountry', {
      cachePolicyName: 'by-country', minTtl: seconds(0), defaultTtl: minutes(10), maxTtl: hours(1),
      headerBehavior: cf.CacheHeaderBehavior.allowList('CloudFront-Viewer-Country'),
      enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
    }),
    functionAssociations: atRequest(jsFunction(stack, 'country', 'country.js')),
  },
}));
site('devices', (stack) => ({
  defaultBehavior: {
    origin: http('app', 'news.example.com'),
    viewerProtocolPolicy: TO_HTTPS,
    cachePolicy: new cf.CachePolicy(stack, 'ByDevice', {
      cachePolicyName: 'by-device', minTtl: seconds(0), defaultTtl: days(1), maxTtl: days(365),
      headerBehavior: cf.CacheHeaderBehavior.allowList(
        'CloudFront-Is-Mobile-Viewer', 'CloudFront-Is-Tablet-Viewer', 'Accept-Language',
      ),
      queryStringBehavior: cf.CacheQueryStringBehavior.all(),
      enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true,
    }),
    originRequestPolicy: new cf.OriginRequestPolicy(stack, 'ViewerDetails', {
      originRequestPolicyName: 'viewer-details',
      headerBehavior: cf.OriginRequestHeaderBehavior.all('CloudFront-Viewer-Address', 'CloudFront-Viewer-City'),
      cookieBehavior: cf.OriginRequestCookieBehavior.denyList('_ga', '_gid'),
      queryStringBehavior: cf.OriginRequestQueryStringBehavior.all(),
    }),
  },
}));
site('index-documents', (stack) => ({
  httpVersion: cf.HttpVersion.HTTP2_AND_3,
  defaultRootObject: 'index.html',
  defaultBehavior: {
    origin: bucket(stack, 'pages', 'docs-pages'),
    viewerProtocolPolicy: TO_HTTPS,
    functionAssociations: atRequest(jsFunction(stack, 'index-document', 'index-document.js')),
  },
  errorResponses: [{ httpStatus: 404, responseHttpStatus: 404, responsePagePath: '/404.html' }],
}));
site('uploads', (stack) => {
  const inspect = new cf.experimental.EdgeFunction(stack, 'Inspect', {
    functionName: 'inspect-upload', runtime: lambda.Runtime.PYTHON_3_13, handler: 'app.handler',
    code: lambda.Code.fromAsset('lambdas/upload'), memorySize: 256, timeout: seconds(10),
  });
  return {
    defaultBehavior: {
      origin: http('uploads', 'uploads.example.com'),
      viewerProtocolPolicy: HTTPS, allowedMethods: ALL, cachePolicy: OFF, originRequestPolicy: NOT_HOST, compress: false,
      edgeLambdas: [{
        functionVersion: inspect.currentVersion, eventType: cf.LambdaEdgeEventType.ORIGIN_REQUEST, includeBody: true,
      }],
    },
  };
});
site('balancer', (stack) => {
  const balancer = new elb.CfnLoadBalancer(stack, 'Balancer', {
    scheme: 'internet-facing', type: 'application', subnets: ['subnet-1', 'subnet-2'],
  });
  return {
    defaultBehavior: {
      origin: http('balancer', balancer.attrDnsName, { protocolPolicy: cf.OriginProtocolPolicy.HTTP_ONLY }),
      viewerProtocolPolicy: TO_HTTPS, allowedMethods: ALL, cachePolicy: BY_ORIGIN, originRequestPolicy: ALL_VIEWER,
    },
  };
});
app.synth();
