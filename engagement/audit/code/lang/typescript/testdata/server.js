'use strict';
const http = require('http');
class A extends mixin(B) {
  x = 1;
  static y = () => 2;
  async m({ a }, b = 1, ...c) { return `v${a}-${b}`; }
  get #p() { return super.p; }
}
app.get('/users/:id', async (req, res, next) => {
  const user = await User.findByPk(req.params.id, { include: [Order] });
  for (const o of user.orders) await o.getItems();
  res.json(user);
});
const view = <p>{user.name}</p>;
module.exports = { A, start() {} };
exports.b = function named(x) { return x; };
export { A as default };
