class Boat < ApplicationRecord
  acts_as_paranoid

  def scrap
    destroy
  end
end
