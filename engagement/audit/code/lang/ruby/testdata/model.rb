# frozen_string_literal: true
require "digest"

module Billing
  class ::Invoice::Line < ApplicationRecord
    include Tokens, Auditable
    STATES = %w[open paid].freeze
    belongs_to :invoice, touch: true
    has_many :taxes, -> { order(:id) }, class_name: "Tax", dependent: :destroy
    scope :recent, ->(n = 10) { where(state: STATES).limit(n) }
    validates :price, presence: true, if: :priced?

    class << self
      def total(a, b = 1, *rest, d:, e: 2, **opts, &block) = a + b + d
      private
      def hidden; end
    end

    def self.report(rows)
      rows.each { it.touch }.map { _1 + _2 }
      rows&.each(&:id)
      rows.each(&method(:puts))
      @total ||= begin
        connection.select_value(<<~SQL.squish)
          SELECT sum(price)
            FROM lines
           WHERE id = #{rows.first.id}
        SQL
      end
    end

    private def secret(token) = digest(token)

    def price=(value)
      super(value.to_i)
    rescue TypeError, ArgumentError => e
      retry if (tries += 1) < 3
      raise Invalid.new("no price"), e.message
    else
      notify(:price, value:, **extras)
    ensure
      unlock
    end

    def taxes_for(kind)
      a, (b, *c) = kind, [1, 2]
      return b, c unless kind == a
      case kind
      when :vat, *OTHERS then yield b
      else throw :abort
      end
      x = kind ? c : Integer(b) rescue nil
      while x do x.pop end
      x.pop until x.empty?
      for i, j in c do next if i; break j end
      { "a" => x, :b => i, c => j, "d#{x}": 1 }
    end

    def later; end
    def public_one; end
    private :later
    protected
    def guarded; end
    public
    def shown; end
  end

  module Concern
    extend ActiveSupport::Concern
    class_methods do
      def of(x) = find(x)
    end
    module_function
    def helper = nil
  end
end

alias old new
$stdout.puts 'it''s', "a\tb\u00e9\x41\101" "c", ?z, :"q r", `ls #{dir}`, /a\d#{b}/ # napkin:ignore sql
