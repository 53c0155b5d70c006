// Any event of Lambda@Edge: the request or the response goes on as it is.
export const handler = async (event) => {
    const { config, request, response } = event.Records[0].cf;
    return config.eventType.endsWith('response') ? response : request;
};
