// Records one by one and many at once: create, retrieve, update, upsert, delete; composite requests.
import { connect, data, refusal, tell } from "./org.mjs";

const conn = connect();
const accounts = conn.sobject("Account");

const one = await accounts.create({ Name: "Jr one", Phone: "1", NumberOfEmployees: 7 });
const read = await accounts.retrieve(one.id);
const updated = await accounts.update({ Id: one.id, Phone: null, Site: "Étage 2" });
const upserts = [
  await accounts.upsert({ ERP_Key__c: "JR 1/2", Name: "Jr upserted" }, "ERP_Key__c"),
  await accounts.upsert({ ERP_Key__c: "JR 1/2", Name: "Jr upserted again" }, "ERP_Key__c"),
];
const record = accounts.record(one.id);
await record.update({ Fax: "9" });
const selected = await accounts.retrieve(one.id, { fields: ["Name", "Fax"] });

const many = await accounts.create([{ Name: "Jr many 1" }, { Phone: "no name" }, { Name: "Jr many 2" }]);
const together = await accounts.create([{ Name: "Jr rolled back" }, { Phone: "no name" }], { allOrNone: true });
const ids = many.filter((row) => row.success).map((row) => row.id);
const manyRead = await accounts.retrieve(ids);
const manyUpdated = await accounts.update(ids.map((Id) => ({ Id, Phone: "2" })));
const manyUpserted = await accounts.upsert(
  [
    { ERP_Key__c: "JR 1/2", Phone: "3" },
    { ERP_Key__c: "JR 3", Name: "Jr third" },
  ],
  "ERP_Key__c",
);
const [kept, ...gone] = ids;
const destroyed = await accounts.destroy(gone);
const missing = await refusal(accounts.retrieve(gone[0]));

const large = await accounts.create(
  Array.from({ length: 250 }, (_, number) => ({ Name: `Jl ${number}` })),
  { allowRecursive: true },
);

const composed = await conn.requestPost(`${data}/composite`, {
  allOrNone: true,
  compositeRequest: [
    { method: "POST", url: `${data}/sobjects/Account`, referenceId: "a", body: { Name: "Jr composed" } },
    {
      method: "POST",
      url: `${data}/sobjects/Contact`,
      referenceId: "c",
      body: { LastName: "Jr composed", AccountId: "@{a.id}" },
    },
  ],
});
const treed = await conn.requestPost(`${data}/composite/tree/Account`, {
  records: [
    {
      attributes: { type: "Account", referenceId: "parent" },
      Name: "Jr tree",
      Contacts: { records: [{ attributes: { type: "Contact", referenceId: "child" }, LastName: "Jr leaf" }] },
    },
  ],
});

const span = [new Date(Date.now() - 300000), new Date(Date.now() + 300000)];
const changed = await accounts.updated(...span);
const deleted = await accounts.deleted(...span);

tell({
  one,
  read,
  updated,
  upserts,
  selected,
  many,
  together,
  manyRead: manyRead.map((row) => row.Name),
  manyUpdated,
  manyUpserted,
  kept,
  destroyed,
  missing,
  large: large.filter((row) => row.success).length,
  composed: composed.compositeResponse.map((part) => part.httpStatusCode),
  treed,
  isChanged: changed.ids.includes(one.id),
  isDeleted: deleted.deletedRecords.some((row) => row.id === gone[0]),
});
