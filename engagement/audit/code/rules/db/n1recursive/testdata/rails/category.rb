class ApplicationRecord < ActiveRecord::Base
end

class Category < ApplicationRecord
  belongs_to :parent, class_name: "Category", optional: true
  has_many :children, class_name: "Category", foreign_key: "parent_id"
  has_many :products

  def descendants
    children.flat_map { |child| [child] + child.descendants } # want: db.n1-recursive
  end

  # One level only.
  def names
    children.map { |child| child.name }
  end

  # Another relation: no tree.
  def total(depth)
    products.each { |p| p.total(depth) }
  end

  # In memory: the rows come as an argument.
  def nest(by_parent)
    (by_parent[id] || []).map { |child| child.nest(by_parent) }
  end
end
