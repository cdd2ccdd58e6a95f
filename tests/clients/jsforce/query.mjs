// Queries: by text and by conditions, over several pages, with parents, children and deleted records.
import { connect, jsforce, tell } from "./org.mjs";

const conn = connect();
const names = Array.from({ length: 450 }, (_, number) => `Jq ${String(number).padStart(3, "0")}`);
await conn.sobject("Contact").create(
  names.map((LastName) => ({ LastName })),
  { allowRecursive: true },
);
const soql = "SELECT LastName FROM Contact WHERE LastName LIKE 'Jq %' ORDER BY LastName";
const small = { headers: { "Sforce-Query-Options": "batchSize=200" } };

const first = await conn.query(soql, small);
const second = await conn.queryMore(first.nextRecordsUrl);
const fetched = await conn.query(soql, { ...small, autoFetch: true, maxFetch: 1000 });
const limited = await conn.query(soql, { ...small, autoFetch: true, maxFetch: 300 });
const evented = await new Promise((resolve, reject) => {
  const found = [];
  conn
    .query(soql, small)
    .on("record", (record) => found.push(record.LastName))
    .on("end", () => resolve(found))
    .on("error", reject)
    .run({ autoFetch: true, maxFetch: 1000 });
});

const yesterday = jsforce.SfDate.toDateTimeLiteral(new Date(Date.now() - 86400000));
const [last] = await conn.sobject("Contact").find({ LastName: "Jq 449" }, ["Id"]);
await conn.sobject("Contact").destroy(last.Id);
const found = await conn
  .sobject("Contact")
  .find({ LastName: { $like: "Jq 44%" }, CreatedDate: { $gte: yesterday } })
  .select("LastName, Owner.Username, Account.Name")
  .sort({ LastName: -1 })
  .limit(3)
  .skip(1)
  .execute();
const one = await conn.sobject("Contact").findOne({ LastName: "Jq 001" }, { LastName: 1 });
const counted = await conn.sobject("Contact").count({ LastName: { $in: ["Jq 001", "Jq 002", "Jq 449"] } });
const nested = await conn
  .sobject("Account")
  .find({ Name: "Acme" }, "Name")
  .include("Contacts")
  .select("Email")
  .end()
  .execute();
const binned = await conn.query("SELECT LastName FROM Contact WHERE LastName = 'Jq 449'", { scanAll: true });
const csv = await text(conn.query("SELECT LastName FROM Contact WHERE LastName = 'Jq 003'").stream("csv"));

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks.join("");
}

tell({
  pages: [first, second].map((page) => [page.totalSize, page.done, page.records.length]),
  fetched: fetched.records.map((record) => record.LastName),
  limited: limited.records.length,
  evented,
  found,
  one,
  counted,
  nested,
  binned: binned.records.map((record) => record.LastName),
  csv,
  usage: conn.limitInfo,
});
