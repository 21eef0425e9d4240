const { DataTypes } = require("sequelize");
const User = sequelize.define("User", { email: DataTypes.STRING });
const Mail = sequelize.define("Mail", { to: DataTypes.STRING });

async function invite() {
  const users = await User.findAll();
  await Mail.bulkCreate(users.map((u) => ({ to: u.email }))); // want: db.bulk-no-batch
}

async function fine(list) {
  await Mail.bulkCreate(list);
  const users = await User.findAll({ limit: 100 });
  await Mail.bulkCreate(users.map((u) => ({ to: u.email })));
}
