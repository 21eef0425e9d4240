class PagesController < ApplicationController # want: obs.no-metrics
  def a0
    render plain: "x"
  end
  def a1
    render plain: "x"
  end
  def a2
    render plain: "x"
  end
  def a3
    render plain: "x"
  end
  def a4
    render plain: "x"
  end
  def a5
    render plain: "x"
  end
  def a6
    render plain: "x"
  end
  def a7
    render plain: "x"
  end
  def a8
    render plain: "x"
  end
  def a9
    render plain: "x"
  end
  def a10
    render plain: "x"
  end
  def a11
    render plain: "x"
  end
  def a12
    render plain: "x"
  end
  def a13
    render plain: "x"
  end
  def a14
    render plain: "x"
  end
  def a15
    render plain: "x"
  end
  def a16
    render plain: "x"
  end
  def a17
    render plain: "x"
  end
  def a18
    render plain: "x"
  end
  def a19
    render plain: "x"
  end
  def a20
    render plain: "x"
  end
  def a21
    render plain: "x"
  end
  def a22
    render plain: "x"
  end
  def a23
    render plain: "x"
  end
  def a24
    render plain: "x"
  end
end
