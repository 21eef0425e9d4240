import { DeletedAt, Model } from "sequelize-typescript";

class ParanoidModel extends Model {
  @DeletedAt
  deletedAt: Date | null;
}

export default ParanoidModel;
