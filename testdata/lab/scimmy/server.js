// A SCIM 2.0 server made of scimmy and scimmy-routers, on loopback, with an in-memory store.
// Schemas, filters, PATCH, Bulk and errors are scimmy's; the store, uniqueness, pages and faults stand here.
//
//   HOST PORT TOKEN BASE        where and for whom it serves: TOKEN-NAME, with any NAME, is the token of an organization of
//                               its own, which is empty at first
//   READY=file                  gets the URL once the server listens
//   MAX_OPS MAX_PAYLOAD         limits of Bulk (100, 1048576), published; beyond them 413
//   MAX_RESULTS                 resources a page (100)
//   LATENCY_MS=n                delay of each request
//   FAIL429_EVERY=n RETRY_AFTER=s   every n-th write request is answered 429
//   FAIL503_EVERY=n             every n-th write request is answered 503
//   SOFT_DELETE=1               DELETE of a user deactivates it
//   NO_BULK=1                   /Bulk is answered 501
//   MAX_MEMBERS=n               a PATCH of a group with more members is answered 400
//
// A Bulk request counts as one write. GET /_stats has the counts of the token's organization.
import crypto from "node:crypto";
import fs from "node:fs";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const text = (name, unset) => process.env[name] || unset;
const number = (name, unset) => Number(process.env[name] || unset);
const host = text("HOST", "127.0.0.1"), base = text("BASE", "/scim/v2"), token = text("TOKEN", "lab-token");
const maxResults = number("MAX_RESULTS", 100), maxMembers = number("MAX_MEMBERS", 0);
const fail429 = number("FAIL429_EVERY", 0), fail503 = number("FAIL503_EVERY", 0), latency = number("LATENCY_MS", 0);
const softDelete = text("SOFT_DELETE", "") === "1", noBulk = text("NO_BULK", "") === "1";
const bulk = { supported: !noBulk, maxOperations: number("MAX_OPS", 100), maxPayloadSize: number("MAX_PAYLOAD", 1048576) };
const clone = value => JSON.parse(JSON.stringify(value));
const ScimError = SCIMMY.Types.Error;

// Resources by id, with an index for each attribute that look-ups ask for. Only externalId is case exact.
class Store {
    constructor(unique, ...indexed) {
        this.unique = unique;
        this.byId = new Map();
        this.index = Object.fromEntries([unique, ...indexed].map(name => [name, new Map()]));
    }
    fold(name, value) { return name === "externalId" ? String(value) : String(value).toLowerCase(); }
    find(name, value) { return [...this.index[name].get(this.fold(name, value)) ?? []]; } // ids: several may have one externalId
    get(id) {
        const resource = this.byId.get(id);
        if (!resource) throw new ScimError(404, null, `Resource ${id} not found`);
        return resource;
    }
    unlist(resource) {
        for (const name in this.index) if (resource[name] !== undefined) {
            const value = this.fold(name, resource[name]), ids = this.index[name].get(value);
            if (ids?.delete(resource.id) && !ids.size) this.index[name].delete(value);
        }
    }
    put(resource) {
        if (this.find(this.unique, resource[this.unique]).some(id => id !== resource.id)) throw new ScimError(409, "uniqueness", `${this.unique} is taken`);
        const old = this.byId.get(resource.id);
        if (old) this.unlist(old);
        for (const name in this.index) if (resource[name] !== undefined) {
            const value = this.fold(name, resource[name]);
            if (!this.index[name].has(value)) this.index[name].set(value, new Set());
            this.index[name].get(value).add(resource.id);
        }
        this.byId.set(resource.id, resource);
        return resource;
    }
    delete(id) { this.unlist(this.get(id)); this.byId.delete(id); }
}
class Organization {
    users = new Store("userName", "externalId");
    groups = new Store("displayName", "externalId");
    requests = 0;
    writes = 0;
}
const organizations = new Map(); // by token

// The organization of a request, or undefined without a right token.
function organization(req) {
    const [, sent] = /^Bearer (.+)$/.exec(req.header("Authorization") ?? "") ?? [];
    if (sent !== token && !sent?.startsWith(token + "-")) return undefined;
    if (!organizations.has(sent)) organizations.set(sent, new Organization());
    return organizations.get(sent);
}

function select(store, resource) {
    const filter = resource.filter;
    if (!filter) return [...store.byId.values()];
    const terms = filter.length === 1 ? Object.entries(filter[0]) : [];
    const [name, comparison] = terms.length === 1 ? terms[0] : [];
    if (name in store.index && Array.isArray(comparison) && comparison.length === 2 && comparison[0] === "eq") {
        return store.find(name, comparison[1]).map(id => store.byId.get(id));
    }
    return filter.match([...store.byId.values()]);
}

// kind is users or groups; the last argument of a handler is what the routers' context returned.
const handlers = kind => ({
    ingress: async (resource, instance, { [kind]: store }) => {
        const now = new Date().toISOString(), data = clone(instance);
        const meta = resource.id ? { ...store.get(resource.id).meta, lastModified: now } : { created: now, lastModified: now };
        return store.put({ ...data, id: resource.id ?? crypto.randomUUID(), meta: { ...data.meta, ...meta } });
    },
    egress: async (resource, { [kind]: store }) => {
        if (resource.id) return store.get(resource.id);
        const list = select(store, resource), page = resource.constraints ??= {}; // without a query scimmy pages by 20
        page.count = Math.min(page.count ?? maxResults, maxResults);
        if (page.sortBy) return list;
        // beyond the end scimmy sends the first page again, so the page is cut here, and scimmy told the total
        page.totalResults = list.length;
        const start = Math.max(page.startIndex ?? 1, 1) - 1;
        return list.slice(start, start + page.count);
    },
    degress: async (resource, { [kind]: store }) => {
        const old = store.get(resource.id);
        if (softDelete && kind === "users") store.put({ ...old, active: false, meta: { ...old.meta, lastModified: new Date().toISOString() } });
        else store.delete(resource.id);
    },
});

// scimmy refuses a schema id outside urn:ietf:params:scim:schemas:, and that of Webex is outside, so the definition is
// built under another id and renamed.
const { SchemaDefinition, Attribute } = SCIMMY.Types;
const webex = new SchemaDefinition("WebexIdentityUser", "urn:ietf:params:scim:schemas:extension:cisco:webexidentity:2.0:User", "Webex identity extension", [
    new Attribute("string", "accountStatus", { multiValued: true }),
    new Attribute("complex", "sipAddresses", { multiValued: true },
        ["value", "type", "display"].map(name => new Attribute("string", name)).concat(new Attribute("boolean", "primary"))),
    new Attribute("string", "extensionAttribute1", { multiValued: true }),
]);
webex.id = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
SCIMMY.Schemas.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Schemas.User.definition.extend(webex, false);
SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers("users"));
SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers("groups"));

const app = express();
function refuse(res, status, detail, { scimType, headers = {} } = {}) {
    const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: String(status), scimType, detail };
    res.status(status).set({ "Content-Type": "application/scim+json", ...headers }).send(JSON.stringify(body));
}
app.get("/_stats", (req, res) => {
    const of = organization(req);
    if (!of) return refuse(res, 401, "bad or missing bearer token");
    const { users, groups, requests, writes } = of;
    res.json({ users: users.byId.size, groups: groups.byId.size, requests, writes, rss: process.memoryUsage().rss });
});
app.use(base, (req, res, next) => {
    const counted = organization(req);
    if (counted) counted.requests++;
    if (counted && req.method !== "GET") {
        const writes = ++counted.writes;
        if (fail429 && writes % fail429 === 0) return refuse(res, 429, "Too many requests", { headers: { "Retry-After": text("RETRY_AFTER", "1") } });
        if (fail503 && writes % fail503 === 0) return refuse(res, 503, "Service unavailable");
    }
    if (latency) setTimeout(next, latency); else next();
});
// Express 5 makes req.query anew each time it is read, which loses the numbers that scimmy-routers put into it.
app.use(base, (req, res, next) => {
    const query = { ...req.query };
    for (const name of ["startIndex", "count"]) if (query[name] !== undefined && !Number.isNaN(+query[name])) query[name] = +query[name];
    Object.defineProperty(req, "query", { value: query, writable: true, configurable: true });
    next();
});
if (maxMembers) app.use(base + "/Groups", express.json({ type: ["application/scim+json", "application/json"], limit: "50mb" }), (req, res, next) => {
    const members = value => Array.isArray(value) ? value.length : Array.isArray(value?.members) ? value.members.length : 0;
    const count = (req.body?.Operations ?? []).reduce((sum, operation) => sum + members(operation.value), 0);
    if (req.method === "PATCH" && count > maxMembers) return refuse(res, 400, `at most ${maxMembers} members`, { scimType: "tooMany" });
    next();
});
// The constructor of the routers reads the body limit and then turns Bulk on, so the limits are set before and after.
const limits = () => SCIMMY.Config.set({ bulk, filter: { supported: true, maxResults } });
let url = "";
limits();
app.use(base, new SCIMMYRouters({
    type: "bearer",
    handler: req => { if (!organization(req)) throw new Error("bad or missing bearer token"); return "lab"; },
    context: organization,
    baseUri: () => url,
}));
limits();
const server = app.listen(number("PORT", 18080), host, error => {
    if (error) { console.error(String(error)); process.exit(1); }
    url = `http://${host}:${server.address().port}`;
    console.log(`SCIM server, pid ${process.pid}, at ${url}${base}`);
    if (process.env.READY) fs.writeFileSync(process.env.READY, url + base);
});
server.keepAliveTimeout = 65000;
