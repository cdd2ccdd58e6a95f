// What the org says of itself, and how its refusals arrive.
import { connect, data, jsforce, refusal, tell, url } from "./org.mjs";

const conn = connect();
const every = await conn.describeGlobal();
const contact = await conn.sobject("Contact").describe();
const cached = await conn.describe$("Contact");
const limits = await conn.limits();
const versions = await conn.request("/services/data");

tell({
  objects: every.sobjects.map((item) => item.name),
  contact: { keyPrefix: contact.keyPrefix, fields: contact.fields.map((field) => field.name) },
  cached: cached.name,
  daily: limits.DailyApiRequests.Max,
  versions: versions.map((item) => item.version),
  refused: {
    field: await refusal(conn.query("SELECT Nope FROM Contact")),
    object: await refusal(conn.query("SELECT Id FROM Nope")),
    record: await refusal(conn.sobject("Contact").retrieve("003000000000999AAA")),
    required: await refusal(conn.sobject("Contact").create({ FirstName: "No last name" })),
    session: await refusal(new jsforce.Connection({ instanceUrl: url, accessToken: "wrong" }).query("SELECT Id FROM User")),
    resource: await refusal(conn.request(`${data}/nothing`)),
    search: await refusal(conn.search("FIND {Acme}")),
    locator: await refusal(conn.queryMore("01gNothing-2000")),
  },
});
