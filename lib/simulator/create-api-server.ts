import { createServer, type Server } from 'node:http';
import { serveRequest } from './serve-request';
import type { SimulatedApi } from './simulated-api';

/** The API's own server: patient with slow callers, since timeouts are the product's business. */
export function createApiServer(api: SimulatedApi): Server {
  const server = createServer({ noDelay: true, keepAlive: true, maxHeaderSize: 64 * 1024 }, (request, response) => {
    void serveRequest(api, request, response);
  });
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.timeout = 0;
  server.keepAliveTimeout = 650_000;
  server.maxRequestsPerSocket = 0;
  return server;
}
