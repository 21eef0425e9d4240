class Harbour < ApplicationRecord
  acts_as_paranoid

  def self.clean
    Harbour.only_deleted.each { |harbour| harbour.really_destroy! }
  end
end
