import { z } from 'zod';
import { DOORS, type Door } from './doors';
import { ErrorAnswer } from './status';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document of the admin API, made from the schemas that the doors check with.
 * @param server origin under which the API answers.
 */
export function openApiDocument(server: string, version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, door] of Object.entries<Door>(DOORS)) {
    const [method = '', path = ''] = name.split(' ');
    const operations = paths[path] ?? {};
    operations[method.toLowerCase()] = operation(name, door);
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Offpeak admin API', version },
    servers: [{ url: server }],
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An operator token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'offpeak_session',
          description: 'Unsafe calls need `Origin` to be the public origin.',
        },
      },
      schemas: { Error: schema(ErrorAnswer, 'output') },
    },
  };
}

function operation(name: string, door: Door): Json {
  const parameters = [...pathParameters(name), ...queryParameters(door)];
  return {
    operationId: name.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, ''),
    summary: door.summary,
    'x-offpeak-role': door.access,
    ...(door.access === 'public' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(door.body && {
      requestBody: { required: !door.body.safeParse({}).success, content: json(schema(door.body, 'input')) },
    }),
    responses: { ...success(door), default: failure('A failure') },
  };
}

function success(door: Door): Json {
  const content = door.status === 204 ? {} : { content: contentOf(door) };
  return { [String(door.status ?? 200)]: { description: 'Success', ...content } };
}

function contentOf({ answer, text }: Door): Json {
  return text ? { [text]: { schema: { type: 'string' } } } : json(answer ? schema(answer, 'output') : {});
}

function failure(description: string): Json {
  return { description, content: json({ $ref: '#/components/schemas/Error' }) };
}

function pathParameters(name: string): Json[] {
  return [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Door): Json[] {
  if (!query) return [];
  const { properties = {} } = schema(query, 'input') as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: 'query',
    required: false,
    schema: property,
    // A repeated filter is spelled `a=1&a=2`.
    ...(property.type === 'array' && { style: 'form', explode: true }),
  }));
}

function json(content: Json): Json {
  return { 'application/json': { schema: content } };
}

function schema(type: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(type, { io });
  return rest;
}
